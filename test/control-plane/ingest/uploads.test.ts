import { createHash, randomBytes } from 'node:crypto';
import { Failure } from '@slowlight/protocol/kit';
import { expect, test } from 'vitest';
import { frameOf } from '../../rig/edge.ts';
import { announce, capture, openFlow, openLine, pictureOf, start } from '../../rig/flow.ts';
import { until } from '../../rig/until.ts';

test('a wrong picture is refused, removed and shown; uploaded anew it is taken', async () => {
  const flow = await openFlow();
  const bytes = randomBytes(5000);
  const { event, frame, grant } = await announce(flow, bytes);
  expect((await flow.upload(grant, randomBytes(5000))).status).toBe(422);
  // A store that let it pass.
  const picture = await flow.records.framePicture(frame);
  if (picture === null) throw new Error('no picture');
  await flow.store.write(picture.key, randomBytes(5000), 'image/jpeg');
  const uploaded = flow.edge.uploaded(frame);
  await flow.say(uploaded);
  await until('it is refused', () => flow.refused().length > 0);
  expect(flow.refused()).toEqual([
    expect.objectContaining({ what: 'upload', frameId: frame, code: 'upload.checksum-mismatch' }),
  ]);
  expect(await flow.store.stat(picture.key)).toBeNull();
  expect(await pictureOf(flow, frame)).toBe('at-edge');
  expect((await flow.records.faults({ limit: 10 })).items).toMatchObject([{ code: 'upload.checksum-mismatch' }]);

  await flow.say(event);
  const again = await until('it is granted again', () => flow.grants(frame)[1]);
  expect((await flow.upload(again, bytes)).status).toBe(201);
  await flow.say(uploaded);
  await until('it may be forgotten', () => flow.mayForget(frame));
});

test('an upload that is only said to have happened is refused', async () => {
  const flow = await openFlow();
  const { frame } = await announce(flow, randomBytes(100));
  await flow.say(flow.edge.uploaded(frame));
  await until('it is refused', () => flow.refused().length > 0);
  expect(flow.refused()).toMatchObject([{ what: 'upload', frameId: frame, code: 'upload.absent' }]);
});

test('an upload that was said before its announcement is proven when the announcement comes', async () => {
  const flow = await openFlow();
  const bytes = randomBytes(100);
  const event = capture(flow, bytes);
  const frame = frameOf(event);
  await flow.store.write(`frames/${flow.agent.id}/0/${frame}.jpg`, bytes, 'image/jpeg');
  await flow.say(flow.edge.uploaded(frame));
  await until('it is recorded', () => flow.isRecorded(2));
  await flow.say(event);
  await until('it may be forgotten', () => flow.mayForget(frame));
});

test('uploads that nobody has proven yet are proven after a restart', async () => {
  const flow = await openFlow({ verify: false });
  const bytes = randomBytes(100);
  const { frame, grant } = await announce(flow, bytes);
  await flow.upload(grant, bytes);
  await flow.say(flow.edge.uploaded(frame));
  await until('it is claimed', async () => (await pictureOf(flow, frame)) === 'claimed');
  start(flow.verifier.run);
  await until('it may be forgotten', () => flow.mayForget(frame));
});

test('a store that is away costs time only', async () => {
  const flow = await openFlow();
  const check = flow.store.check;
  let asked = 0;
  flow.store.check = () => {
    asked += 1;
    return Promise.reject(
      new Failure({ code: 'object.store-unreachable', message: 'away', hint: 'Wait.', retry: 'soon' }),
    );
  };
  const bytes = randomBytes(100);
  const { frame, grant } = await announce(flow, bytes);
  await flow.upload(grant, bytes);
  await flow.say(flow.edge.uploaded(frame));
  await until('it was tried twice', () => asked >= 2);
  expect(await pictureOf(flow, frame)).toBe('claimed');
  expect(flow.refused()).toEqual([]);
  flow.store.check = check;
  await until('it may be forgotten', () => flow.mayForget(frame));
});

test('pictures that cannot be looked at hold up no other, and are taken as soon as they can', async () => {
  const flow = await openFlow({ verify: false });
  const events = Array.from({ length: 8 }, (_, slot) => ({ bytes: randomBytes(100), slot })).map(({ bytes, slot }) => ({
    bytes,
    event: capture(flow, bytes, slot),
  }));
  const frames = events.map(({ event }) => frameOf(event));
  const keyOf = (frame: (typeof frames)[number]) => `frames/${flow.agent.id}/0/${frame}.jpg`;
  for (const { event, bytes } of events) {
    await flow.store.write(keyOf(frameOf(event)), bytes, 'image/jpeg');
    await flow.say(event, flow.edge.uploaded(frameOf(event)));
    await until('it is claimed', async () => (await pictureOf(flow, frameOf(event))) === 'claimed');
  }
  const bad = new Set(frames.slice(0, 5).map(keyOf));
  const { check } = flow.store;
  let asked = 0;
  flow.store.check = async (key, expected) => {
    if (!bad.has(key)) return check(key, expected);
    asked += 1;
    throw new Failure({ code: 'object.store-unreachable', message: 'EIO', hint: 'Look at the disk.', retry: 'soon' });
  };
  start(flow.verifier.run);
  await until('the good ones may be forgotten', () => frames.slice(5).every((frame) => flow.mayForget(frame)));
  expect(asked).toBeLessThan(50);
  bad.clear();
  await until('the bad ones too', () => frames.every((frame) => flow.mayForget(frame)), 20_000);
});

test('more bad pictures than fit in one look hold up no other', async () => {
  const flow = await openFlow({ verify: false });
  const bad = Array.from({ length: 130 }, (_, slot) => capture(flow, randomBytes(10), slot));
  for (const event of bad) await flow.say(event, flow.edge.uploaded(frameOf(event)));
  await until('they are claimed', async () => (await flow.records.claimed(200)).length === 130);
  const bytes = randomBytes(100);
  const good = capture(flow, bytes, 500);
  await flow.store.write(`frames/${flow.agent.id}/0/${frameOf(good)}.jpg`, bytes, 'image/jpeg');
  await flow.say(good, flow.edge.uploaded(frameOf(good)));
  const { check } = flow.store;
  flow.store.check = async (key, expected) => {
    if (key.endsWith(`${frameOf(good)}.jpg`)) return check(key, expected);
    throw new Failure({ code: 'object.store-unreachable', message: 'EIO', hint: 'Look at the disk.', retry: 'soon' });
  };
  start(flow.verifier.run);
  await until('the good one may be forgotten', () => flow.mayForget(frameOf(good)));
});

test('grants that cannot be made do not hold up the receipt', async () => {
  const flow = await openFlow();
  flow.store.grant = () =>
    Promise.reject(new Failure({ code: 'object.store-unreachable', message: 'away', hint: 'Wait.', retry: 'soon' }));
  await flow.say(capture(flow, randomBytes(10)));
  await until('it is recorded', () => flow.isRecorded(1));
  await until('the operator is told', () =>
    flow.log.lines.some(({ sentence }) => sentence.includes('could not be granted')),
  );
});

test('an agent cannot speak for another one', async () => {
  const flow = await openFlow();
  const bytes = randomBytes(100);
  const { frame } = await announce(flow, bytes);
  const secret = crypto.randomUUID();
  const secretHash = createHash('sha256').update(secret).digest('hex');
  const other = await flow.records.createAgent({ siteId: flow.site.id, name: 'Other', secretHash });
  flow.broker.setLogins(await flow.records.agentLogins());
  const line = await openLine(flow.brokerUrl, other.id, secret);
  await line.say(
    flow.edge.uploaded(frame),
    flow.edge.say('frames.evicted', { frameIds: [frame], reason: 'card-full' }),
  );
  await until('both are refused', () => line.refused().length === 2);
  expect(await pictureOf(flow, frame)).toBe('at-edge');
  expect(line.grants()).toEqual([]);
});
