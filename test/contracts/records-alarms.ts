import { DEFAULT_ALARM_RULES, newAlarmId, newChannelId, newWebhookId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { openRecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const channel = {
  name: 'Phone',
  enabled: true,
  target: { kind: 'ntfy' as const, url: 'https://ntfy.sh', topic: 'x' },
  sealedSecret: null,
  siteIds: null,
  kinds: null,
  leastSeverity: 'warning' as const,
  digest: 'never' as const,
  digestHour: 7,
};

export function recordsAlarms(openHouse: OpenHouse): void {
  test('an alarm is raised once, told once to each channel, cleared once, and stays silent if it was silenced', async (context) => {
    const { records, clock, site, agent, now } = await openRecordsScene(openHouse, context);
    const channelId = newChannelId();
    await records.createChannel(channelId, channel);
    const alarm = {
      key: `agent-offline ${agent.id}`,
      kind: 'agent-offline' as const,
      severity: 'warning' as const,
      subject: agent.id,
      name: 'Pi 1',
      siteId: site.id,
      detail: { since: now },
      firstSeenAt: now,
    };
    const raise = () => {
      const id = newAlarmId();
      const messages = [{ channelId, about: `${id} raised`, title: 't', content: '{}' }];
      return records.moveAlarms([{ do: 'raise', id, isNew: true, alarm, messages }]);
    };
    await Promise.all([raise(), raise()]);
    const [open, ...more] = await records.keptAlarms();
    expect(more).toEqual([]);
    expect(open).toMatchObject({ ...alarm, raisedAt: now, told: 1, toldAt: now });
    expect((await records.deliveries({ limit: 10 })).items).toHaveLength(1);
    if (open === undefined) throw new Error('nothing is open');
    await clock.advance(1000);
    expect(await records.changeAlarm(open.id, { silencedUntil: now + 10_000, acknowledged: true }, 'me')).toMatchObject(
      {
        silencedUntil: now + 10_000,
        acknowledgedAt: now + 1000,
        acknowledgedBy: 'me',
      },
    );
    for (let turn = 0; turn < 2; turn += 1) await records.moveAlarms([{ do: 'clear', id: open.id, messages: [] }]);
    await raise();
    expect((await records.deliveries({ limit: 10 })).items).toHaveLength(1);
    expect((await records.keptAlarms())[0]).toMatchObject({ silencedUntil: now + 10_000, acknowledgedAt: null });
    const events = (await records.feedAfter(0, 500)).map(({ event }) => event.type);
    expect(events.filter((type) => /alarm/.test(type))).toEqual([
      'alarm.raised',
      'alarm.changed',
      'alarm.cleared',
      'alarm.raised',
    ]);
    const page = await records.alarms({ state: 'all', sites: [site.id], limit: 1 });
    const rest = await records.alarms({ state: 'all', limit: 5, after: page.next ?? undefined });
    expect([...page.items, ...rest.items].map(({ clearedAt }) => clearedAt === null)).toEqual([true, false]);
    expect((await records.alarms({ state: 'all', sites: [], limit: 5 })).items).toEqual([]);
    expect(await records.siteOf('alarm', open.id)).toBe(site.id);
    expect(await records.alarmsBetween(site.id, now, now + 500)).toHaveLength(1);
  });

  test('what waited and never became an alarm is forgotten, and what was told is not told again', async (context) => {
    const { records, agent, now } = await openRecordsScene(openHouse, context);
    const id = newAlarmId();
    const alarm = {
      key: 'k',
      kind: 'clock-untrusted',
      severity: 'warning',
      subject: agent.id,
      name: 'x',
      siteId: null,
      detail: {},
      firstSeenAt: now,
    } as const;
    await records.moveAlarms([{ do: 'wait', id, alarm }]);
    expect(await records.alarm(id)).toBeNull();
    expect(await records.changeAlarm(id, { acknowledged: true }, 'me')).toBeNull();
    await records.moveAlarms([{ do: 'raise', id, isNew: false, alarm, messages: [] }]);
    await records.moveAlarms([{ do: 'forget', id }]);
    const channelId = newChannelId();
    await records.createChannel(channelId, channel);
    const repeat = {
      do: 'repeat',
      id,
      toldBefore: 1,
      alarm,
      messages: [{ channelId, about: 'r', title: 't', content: '{}' }],
    } as const;
    for (let turn = 0; turn < 2; turn += 1) await records.moveAlarms([{ ...repeat, messages: [...repeat.messages] }]);
    expect(await records.alarm(id)).toMatchObject({ told: 2 });
    expect((await records.deliveries({ channelId, limit: 10 })).items).toHaveLength(1);
  });

  test('one of several takes a message, and one that was given up can be tried again', async (context) => {
    const { records, clock } = await openRecordsScene(openHouse, context);
    const channelId = newChannelId();
    await records.createChannel(channelId, channel);
    const message = { channelId, about: 'x', title: 't', content: '{"a":1}' };
    expect(await records.addDeliveries([message, message])).toBe(1);
    expect(await records.addDeliveries([message])).toBe(0);
    const [due] = await records.dueDeliveries(channelId, 5);
    if (due === undefined) throw new Error('nothing is due');
    const taken = await Promise.all([1, 2].map(() => records.takeDelivery(due, clock.now() + 1000)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await records.dueDeliveries(channelId, 5)).toEqual([]);
    await clock.advance(1000);
    expect(await records.dueDeliveries(channelId, 5)).toMatchObject([{ attempts: 1, content: '{"a":1}' }]);
    await records.changeChannel(channelId, { enabled: false });
    expect(await records.dueDeliveries(channelId, 5)).toEqual([]);
    expect(await records.nextDelivery()).toBeNull();
    await records.changeChannel(channelId, { enabled: true });
    expect(await records.retryDelivery(due.id)).toBe(false);
    await records.endDelivery(due.id, { state: 'dead', error: 'no' });
    expect((await records.channelCounts()).get(channelId)).toMatchObject({ waiting: 0, dead: 1, lastError: 'no' });
    expect(await records.retryDelivery(due.id)).toBe(true);
    await records.endDelivery(due.id, { state: 'sent' });
    expect((await records.channelCounts()).get(channelId)).toMatchObject({
      waiting: 0,
      dead: 0,
      lastSentAt: clock.now(),
    });
    await records.forgetAlarms({ alarms: 0, deliveries: clock.now() + 1 });
    expect((await records.deliveries({ limit: 5 })).items).toEqual([]);
    expect(await records.deleteChannel(channelId)).toBe(true);
    expect(await records.channels()).toEqual([]);
  });

  test('a webhook begins now, is moved by one only, and rules differ by site', async (context) => {
    const { records, site } = await openRecordsScene(openHouse, context);
    const id = newWebhookId();
    const last = await records.lastPosition();
    const made = await records.createWebhook(id, {
      name: 'x',
      url: 'https://example.org',
      topics: ['site'],
      enabled: true,
      sealedSecret: 's',
    });
    expect(made).toMatchObject({ position: last, failingSince: null, pausedAt: null });
    expect(
      await records.moveWebhook(id, last, last + 3, { failingSince: 5, attempts: 2, pausedAt: 9, pausedReason: 'r' }),
    ).toBe(true);
    expect((await records.auditEntries({ subject: id, limit: 9 })).items).toMatchObject([
      { actor: { kind: 'system' }, action: expect.stringMatching(/^webhook: it is paused/), after: { reason: 'r' } },
    ]);
    expect(await records.moveWebhook(id, last, last + 4, {})).toBe(false);
    expect((await records.alarmScene()).pausedWebhooks).toEqual([{ id, name: 'x', reason: 'r' }]);
    expect(await records.resumeWebhook(id, null)).toMatchObject({
      position: last + 3,
      failingSince: null,
      pausedAt: null,
    });
    expect(await records.deleteWebhook(id)).toBe(true);
    expect(await records.alarmRules(site.id)).toEqual({});
    const own = { 'agent-offline': { ...DEFAULT_ALARM_RULES['agent-offline'], afterMinutes: 5 } };
    for (let turn = 0; turn < 2; turn += 1) await records.setAlarmRules(site.id, own);
    expect(await records.allAlarmRules()).toEqual(new Map([[site.id, own]]));
  });
}
