import { createHash, randomBytes } from 'node:crypto';
import { newSessionId, topics } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { expect, test } from 'vitest';
import { announce, capture, openFlow, pictureOf } from '../../rig/flow.ts';
import { openMqttAgent } from '../../rig/mqtt-agent.ts';
import { until } from '../../rig/until.ts';

const START = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;

const away = () =>
  new Failure({ code: 'records.unreachable', message: 'the records are away', hint: 'Wait.', retry: 'soon' });

test('a picture goes its whole way: announced, granted, uploaded, proven, forgotten', async () => {
  const flow = await openFlow();
  const bytes = randomBytes(50_000);
  const { event, frame, grant } = await announce(flow, bytes);
  expect(flow.isRecorded(event.event.seq)).toBe(true);
  expect(grant).toMatchObject({ sizeBytes: 50_000, method: 'PUT' });
  expect(await pictureOf(flow, frame)).toBe('at-edge');
  expect((await flow.upload(grant, bytes)).status).toBe(201);
  await flow.say(flow.edge.uploaded(frame));
  await until('it may be forgotten', () => flow.mayForget(frame));
  expect(await pictureOf(flow, frame)).toBe('stored');
  expect(flow.receipts().at(-1)).toMatchObject({ recordedUpTo: 2, recordedAlso: [], refused: [] });
});

test('nothing is said to be recorded before the commit', async () => {
  const flow = await openFlow();
  const record = flow.records.recordEvents;
  let commit = () => {};
  const gate = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let asked = 0;
  flow.records.recordEvents = async (events) => {
    asked += 1;
    await gate;
    return record(events);
  };
  await flow.say(capture(flow, randomBytes(10)));
  await until('the records are asked', () => asked === 1);
  expect(flow.receipts()).toEqual([]);
  expect(flow.grants()).toEqual([]);
  commit();
  await until('then it is', () => flow.isRecorded(1));
});

test('an event said ten times in any order is recorded once and answered each time', async () => {
  const flow = await openFlow();
  const events = Array.from({ length: 20 }, (_, slot) => capture(flow, randomBytes(10), slot));
  const copies = Array.from({ length: 10 }, () => events).flat();
  await flow.say(
    ...copies.sort((a, b) => createHash('md5').update(`${a.event.seq}`).digest('hex').localeCompare(`${b.event.seq}`)),
  );
  await until('all are dealt with', () => flow.ingest.counts().events === 200);
  await until('all are recorded', () => flow.receipts().at(-1)?.recordedUpTo === 20);
  expect(flow.ingest.counts()).toMatchObject({ duplicates: 180, refused: 0, deadLetters: 0 });
  expect((await flow.records.frames({ limit: 100, order: 'oldest' })).items).toHaveLength(20);
});

test('an announcement said again is granted again; once the picture is stored it is told so instead', async () => {
  const flow = await openFlow();
  const bytes = randomBytes(1000);
  const { event, frame, grant } = await announce(flow, bytes);
  await flow.say(event);
  await until('it is granted again', () => flow.grants(frame).length === 2);
  await flow.upload(grant, bytes);
  await flow.say(flow.edge.uploaded(frame));
  await until('it may be forgotten', () => flow.mayForget(frame));
  const before = flow.receipts().length;
  await flow.say(event);
  await until('it is told again', () =>
    flow
      .receipts()
      .slice(before)
      .some(({ forget }) => forget.includes(frame)),
  );
  expect(flow.grants(frame)).toHaveLength(2);
});

test('what cannot be read is kept as a dead letter, its agent is told, and the rest goes on', async () => {
  const flow = await openFlow();
  await flow.sayRaw(
    '{"v":1,"seq":1,"type":"slot.settled","note":"rtsp://admin:hunter2@10.0.0.5/","password":"hunter2"}',
  );
  await flow.sayRaw('not JSON at all, with \u0000 and rtsp://admin:hunter2@10.0.0.5/');
  await flow.sayRaw(Buffer.from([0xff, 0xfe, 0x00]));
  await flow.say(flow.edge.say('device.reported', deviceReport()), flow.edge.say('device.reported', deviceReport()));
  await until('the rest is recorded', () => flow.isRecorded(2));
  const faults = (await flow.records.faults({ limit: 10 })).items;
  expect(faults.map(({ code, agentId }) => [code, agentId])).toEqual(
    Array(3).fill(['ingest.unreadable', flow.agent.id]),
  );
  expect(JSON.stringify(faults)).not.toContain('hunter2');
  expect(faults.at(-1)?.reason).toContain('body');
  expect(flow.refused()).toEqual([expect.objectContaining({ what: 'event', seq: 1, code: 'ingest.unreadable' })]);
});

test('what cannot be read but has a number is passed by the receipt, so that nothing waits for it for ever', async () => {
  const flow = await openFlow();
  await flow.sayRaw('{"v":1,"seq":1,"type":"of.the-future"}');
  const { event } = flow.edge.say('device.reported', deviceReport());
  await flow.sayRaw(JSON.stringify({ ...event, seq: 2 }));
  await until('all is answered', () => flow.receipts().some(({ recordedUpTo }) => recordedUpTo === 2));
  await flow.sayRaw('{"v":1,"seq":1,"type":"of.the-future"}');
  await until('it is told again', () => flow.refused().length === 2);
  expect((await flow.records.faults({ limit: 10 })).items).toHaveLength(1);
});

test('a status that the records cannot take stands in nobody’s way', async () => {
  const flow = await openFlow();
  flow.records.recordStatus = async () => {
    throw new Error('invalid byte sequence');
  };
  const status = { v: 1, session: newSessionId(), sentAt: START, type: 'agent.status', body: { status: 'offline' } };
  await flow.sayStatus(JSON.stringify(status));
  await flow.say(flow.edge.say('device.reported', deviceReport()));
  await until('the event is recorded', () => flow.isRecorded(1));
  expect((await flow.records.faults({ limit: 10 })).items).toMatchObject([{ code: 'ingest.unrecordable' }]);
});

test('a fault holds no character that a database refuses, also when a field is named with one', async () => {
  const flow = await openFlow();
  await flow.sayRaw('{"v":1,"seq":1,"type":"device.reported","\\u0000\\u0007":1}');
  await until('it is refused', () => flow.refused().length === 1);
  const [fault] = (await flow.records.faults({ limit: 10 })).items;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  expect(`${fault?.reason}${fault?.excerpt}`).not.toMatch(/[\u0000-\u001f]/);
});

const deviceReport = () => ({
  at: START,
  uptimeSeconds: 1,
  diskFreeBytes: 1,
  diskTotalBytes: 1,
  memoryFreeBytes: 1,
  memoryTotalBytes: 1,
  loadAverage: 0,
  temperatureCelsius: null,
  processMemoryBytes: 1,
  backlogFrames: 0,
  backlogBytes: 0,
  quarantinedFrames: 0,
  clock: 'synchronised',
  ffmpegVersion: null,
});

test('one broken agent does not fill the records with dead letters', async () => {
  const flow = await openFlow();
  await Promise.all(Array.from({ length: 300 }, (_, index) => flow.sayRaw(`garbage ${index}`)));
  await until('all are counted', () => flow.ingest.counts().deadLetters === 300);
  expect((await flow.records.faults({ limit: 500 })).items).toHaveLength(60);
});

test('an event that is refused by the records is named with its reason', async () => {
  const flow = await openFlow();
  const event = capture(flow, randomBytes(10));
  await flow.say(event);
  await until('it is recorded', () => flow.isRecorded(1));
  const forged = structuredClone(event);
  Object.assign(forged.event.body, { slot: { timelapseId: flow.timelapse.id, dueAt: START + 5 * MINUTE } });
  await flow.say(forged);
  await until('it is refused', () => flow.refused().length > 0);
  expect(flow.refused()).toEqual([expect.objectContaining({ what: 'event', seq: 1, code: 'ingest.conflict' })]);
});

test('while the records are away nothing is acknowledged, agents are told to wait, and nothing is lost', async () => {
  const flow = await openFlow();
  await until('somebody listens', () => flow.cloud().at(-1) === 'listening');
  const record = flow.records.recordEvents;
  flow.records.recordEvents = () => Promise.reject(away());
  await flow.say(capture(flow, randomBytes(10)), capture(flow, randomBytes(10), 1));
  await until('nobody listens', () => flow.cloud().at(-1) === 'away');
  const late = openMqttAgent(flow.brokerUrl, { username: flow.agent.id, password: flow.secret });
  await until('an agent that comes now', () => late.state() === 'in');
  await late.client.subscribeAsync(topics.cloudStatus);
  await until('hears it at once', () => late.heard.length === 1);
  expect(JSON.parse(late.heard[0]?.text ?? '{}').body.status).toBe('away');
  expect(flow.receipts()).toEqual([]);
  flow.records.recordEvents = record;
  await until('both are recorded', async () => (await flow.records.receiptState(flow.agent.id)).recordedUpTo === 2);
  await until('somebody listens again', () =>
    late.heard.some(({ text }) => JSON.parse(text).body.status === 'listening'),
  );
});

test('an event that breaks the records is set aside, and its neighbours are recorded', async () => {
  const flow = await openFlow({ batchMs: 200 });
  const record = flow.records.recordEvents;
  flow.records.recordEvents = async (events) => {
    if (events.some(({ event }) => event.seq === 2)) throw new TypeError('cannot read this');
    return record(events);
  };
  await flow.say(...[0, 1, 2].map((slot) => capture(flow, randomBytes(10), slot)));
  await until('the neighbours are recorded', () => flow.isRecorded(1) && flow.isRecorded(3));
  expect(flow.refused()).toEqual([expect.objectContaining({ what: 'event', seq: 2, code: 'ingest.unrecordable' })]);
  expect((await flow.records.faults({ limit: 10 })).items).toMatchObject([{ code: 'ingest.unrecordable' }]);
  expect(flow.cloud().at(-1)).toBe('listening');
});

test('what waits in memory is bounded; what was dropped is recorded when it is said again', async () => {
  const flow = await openFlow({ mostWaiting: 10, mostInBatch: 5 });
  const record = flow.records.recordEvents;
  flow.records.recordEvents = () => Promise.reject(away());
  const events = Array.from({ length: 40 }, (_, slot) => capture(flow, randomBytes(10), slot));
  await flow.say(...events);
  await until('the rest is dropped', () => flow.ingest.counts().dropped >= 25);
  expect(flow.ingest.counts().waiting).toBeLessThanOrEqual(10);
  expect(flow.log.lines.filter(({ sentence }) => sentence.includes('dropped'))).toHaveLength(1);
  flow.records.recordEvents = record;
  await until('what was kept is recorded', () => flow.ingest.counts().events >= 10);
  for (const event of events) {
    await flow.say(event);
    await until('it is recorded', () => flow.isRecorded(event.event.seq));
  }
  expect(flow.receipts().at(-1)?.recordedUpTo).toBe(40);
});

test('many events make few commits and few receipts', async () => {
  const flow = await openFlow();
  const record = flow.records.recordEvents;
  const sizes: number[] = [];
  flow.records.recordEvents = (events) => {
    sizes.push(events.length);
    return record(events);
  };
  await flow.say(...Array.from({ length: 1000 }, (_, slot) => capture(flow, randomBytes(10), slot)));
  await until('all are recorded', () => flow.receipts().at(-1)?.recordedUpTo === 1000);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
  expect(sizes.length).toBeLessThan(200);
  expect(flow.receipts().length).toBeLessThanOrEqual(sizes.length);
});

test('the status of an agent is recorded, also when it is said while the records are away', async () => {
  const flow = await openFlow();
  const record = flow.records.recordStatus;
  flow.records.recordStatus = () => Promise.reject(away());
  await flow.sayStatus(
    JSON.stringify({ v: 1, session: newSessionId(), sentAt: START, type: 'agent.status', body: { status: 'stopped' } }),
  );
  await until('nobody listens', () => !flow.ingest.listening());
  flow.records.recordStatus = record;
  await until('it is recorded', async () => (await flow.records.agent(flow.agent.id))?.state === 'stopped');
  await flow.sayStatus('{}');
  await until('what cannot be read is shown', async () => (await flow.records.faults({ limit: 1 })).items.length === 1);
});

test('when ingest stops, agents are told that nobody listens', async () => {
  const flow = await openFlow();
  await until('somebody listens', () => flow.cloud().at(-1) === 'listening');
  await flow.stopIngest();
  await until('nobody listens', () => flow.cloud().at(-1) === 'away');
});
