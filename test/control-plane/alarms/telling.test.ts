import { createHmac } from 'node:crypto';
import { channelInput, newCameraId, webhookInput } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { openAlarmScene } from '../../rig/alarm-scene.ts';
import { openReceiver, type Received } from '../../rig/receiver.ts';
import { until } from '../../rig/until.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const typesOf = (received: readonly Received[]) => received.map(({ body }) => JSON.parse(body).type as string);

function isSigned({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const said = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(said).digest('base64')}`;
}

test('an agent that is away is an alarm once, over a restart too, again after a day, and over when it is back', async (context) => {
  const scene = await openAlarmScene(context);
  const { clock, records } = scene;
  const receiver = await openReceiver();
  const alarms = scene.make();
  const { secret, channel } = await alarms.addChannel(
    channelInput.parse({ name: 'Ours', target: { kind: 'webhook', url: receiver.url } }),
  );
  expect(JSON.stringify(await alarms.channels())).not.toContain(secret);
  await scene.say('online');
  await scene.say('offline');
  const stop = scene.start(alarms);
  await until('it waits for its time', async () => (await records.keptAlarms())[0]?.raisedAt === null);
  await clock.advance(16 * MINUTE);
  await until('it is told', () => receiver.received.length === 1);
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
    type: 'alarm.raised',
    data: { kind: 'agent-offline', subject: scene.agent.id, name: 'Pi 1', url: 'https://slowlight.example.org/system' },
  });
  expect(receiver.received.every((one) => isSigned(one, secret ?? ''))).toBe(true);
  // Whoever stops before the answer is there tells it again.
  await until('nothing waits', async () => (await alarms.channels())[0]?.waiting === 0);
  await stop();

  const again = scene.make();
  scene.start(again);
  const seen = scene.states.length;
  await until('it has looked some times more', () => scene.states.length > seen + 3);
  expect(typesOf(receiver.received)).toEqual(['alarm.raised']);
  expect(scene.states.at(-1)).toMatchObject({ open: 1, alarms: [{ kind: 'agent-offline' }] });
  await clock.advance(DAY);
  await until('it is told again', () => receiver.received.length === 2);
  await scene.say('online');
  await until('it is over', () => receiver.received.length === 3);
  expect(typesOf(receiver.received)).toEqual(['alarm.raised', 'alarm.repeated', 'alarm.cleared']);
  expect((await records.alarms({ state: 'cleared', limit: 10 })).items).toMatchObject([
    { told: 2, kind: 'agent-offline' },
  ]);
  const feed = (await records.feedAfter(0, 500))
    .map(({ event }) => event.type)
    .filter((type) => type.startsWith('alarm.'));
  expect(feed).toEqual(['alarm.raised', 'alarm.cleared']);
  await until('nothing waits any more', async () => (await again.channels())[0]?.waiting === 0);
  expect((await again.channels())[0]).toMatchObject({ id: channel.id, dead: 0, lastError: null });
});

test('a receiver that fails, hangs or redirects gets the message later under the same id, and holds up nobody else', async (context) => {
  const scene = await openAlarmScene(context);
  const [failing, fine] = [await openReceiver(), await openReceiver()];
  failing.answer = { status: 503 };
  const alarms = scene.make();
  for (const [name, { url }] of [
    ['Failing', failing],
    ['Fine', fine],
  ] as const)
    await alarms.addChannel(channelInput.parse({ name, target: { kind: 'webhook', url } }));
  const failingChannel = async () => (await alarms.channels()).find(({ name }) => name === 'Failing');
  await scene.say('online');
  await scene.say('offline');
  await scene.clock.advance(16 * MINUTE);
  scene.start(alarms);
  await until('both were asked', () => failing.received.length === 1 && fine.received.length === 1);
  await until('it waits', async () => (await failingChannel())?.lastError !== null);
  expect(await failingChannel()).toMatchObject({ waiting: 1, dead: 0 });
  failing.answer = 'hang';
  await scene.clock.advance(MINUTE);
  await until('it was asked again', () => failing.received.length === 2);
  failing.answer = { status: 200 };
  await until('it hung for too long', async () => (await failingChannel())?.lastError?.includes('in time'));
  await scene.clock.advance(5 * MINUTE);
  await until('it has it', async () => (await failingChannel())?.waiting === 0);
  expect(new Set(failing.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(fine.received).toHaveLength(1);

  failing.answer = { status: 302, headers: { location: fine.url } };
  await scene.say('online');
  await until('it is given up', async () => (await failingChannel())?.dead === 1);
  await until('the other has it', () => fine.received.length === 2);
  const [dead] = (await scene.records.deliveries({ state: 'dead', limit: 10 })).items;
  expect(dead?.lastError).toContain('not followed');
  failing.answer = { status: 200 };
  expect(dead && (await scene.records.retryDelivery(dead.id))).toBe(true);
  alarms.tellAgain();
  await until('it is told after all', async () => (await failingChannel())?.dead === 0);
});

test('nothing is sent to addresses that are not public, unless they are allowed, and the answer says what to do', async (context) => {
  const scene = await openAlarmScene(context, { allow: [] });
  const receiver = await openReceiver();
  const alarms = scene.make();
  const mail = {
    kind: 'email',
    host: '127.0.0.1',
    port: 25,
    security: 'none',
    from: 'a@example.org',
    to: ['b@example.org'],
  };
  for (const target of [
    { kind: 'webhook', url: receiver.url },
    { kind: 'webhook', url: 'http://169.254.169.254/latest/meta-data' },
    { kind: 'webhook', url: receiver.url.replace('127.0.0.1', 'localhost') },
    { kind: 'ntfy', url: receiver.url, topic: 'x' },
    mail,
    { ...mail, host: 'localhost' },
  ]) {
    const tried = await alarms.testChannel(channelInput.parse({ name: 'x', target }), AbortSignal.timeout(5000));
    expect(tried).toMatchObject({
      kind: 'failed',
      code: 'outbound.blocked',
      hint: expect.stringContaining('SLOWLIGHT_OUTBOUND_NETWORKS'),
    });
  }
  expect(receiver.received).toEqual([]);
});

test('ntfy gets its JSON with the token, and a secret is never sent to another address', async (context) => {
  const scene = await openAlarmScene(context);
  const receiver = await openReceiver();
  const alarms = scene.make();
  const target = { kind: 'ntfy', url: receiver.url, topic: 'our-cameras' } as const;
  const { channel } = await alarms.addChannel(channelInput.parse({ name: 'Phone', target, secret: 'tk_secret' }));
  const signal = AbortSignal.timeout(5000);
  const wish = { ...channelInput.parse({ name: 'Phone', target }), id: channel.id };
  expect(await alarms.testChannel(wish, signal)).toEqual({ kind: 'sent' });
  const [got] = receiver.received;
  expect(got).toMatchObject({ path: '/', headers: { authorization: 'Bearer tk_secret' } });
  expect(JSON.parse(got?.body ?? '')).toMatchObject({
    topic: 'our-cameras',
    title: 'Slowlight can reach you',
    priority: 3,
    click: 'https://slowlight.example.org/system',
  });
  const elsewhere = { ...target, url: 'http://127.0.0.1:1/' };
  await expect(alarms.testChannel({ ...wish, target: elsewhere }, signal)).rejects.toMatchObject({
    code: 'request.invalid',
  });
  await expect(alarms.changeChannel(channel.id, { target: elsewhere })).rejects.toMatchObject({
    code: 'request.invalid',
  });
  receiver.answer = { status: 403 };
  expect(await alarms.testChannel(wish, signal)).toMatchObject({ kind: 'failed', code: 'receiver.refused' });
  expect(JSON.stringify(await scene.house.tables())).not.toContain('tk_secret');
});

test('webhooks hear the feed in order from where they stopped, also after failures and a restart', async (context) => {
  const scene = await openAlarmScene(context);
  const { records } = scene;
  const receiver = await openReceiver();
  const alarms = scene.make();
  const { secret, webhook } = await alarms.addWebhook(
    webhookInput.parse({ name: 'Ours', url: receiver.url, topics: ['site'] }),
  );
  const stop = scene.start(alarms);
  const name = async (text: string) => void (await records.changeSite(scene.site.id, { name: text }));
  await name('One');
  await until('it is heard', () => receiver.received.length === 1);
  receiver.answer = { status: 500 };
  await name('Two');
  await until('it was tried', () => receiver.received.length === 2);
  await until('it is noted', async () => (await alarms.webhooks())[0]?.failingSince !== null);
  await stop();
  await records.deleteCamera(newCameraId());
  await name('Three');
  receiver.answer = { status: 204 };
  receiver.received.length = 0;
  const again = scene.make();
  scene.start(again);
  await scene.clock.advance(MINUTE);
  await until('the rest is heard', () => receiver.received.length === 2);
  const positions = receiver.received.map(({ body }) => JSON.parse(body).position as number);
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(
    positions.map((at) => `${webhook.id}-${at}`),
  );
  expect(receiver.received.every((one) => isSigned(one, secret))).toBe(true);
  expect(typesOf(receiver.received)).toEqual(['site.changed', 'site.changed']);
  await until(
    'it stands at the end',
    async () => (await again.webhooks())[0]?.position === (await records.lastPosition()),
  );

  receiver.answer = { status: 410 };
  await name('Four');
  await until('it is paused, which is an alarm', async () =>
    (await records.keptAlarms()).some(({ kind }) => kind === 'webhook-paused'),
  );
  expect((await again.webhooks())[0]).toMatchObject({ pausedAt: expect.any(Number) });
  receiver.answer = { status: 200 };
  await again.resumeWebhook(webhook.id, 'kept');
  await until(
    'it goes on',
    async () => (await again.webhooks())[0]?.lastError === null && receiver.received.length === 4,
  );
}, 30_000);
