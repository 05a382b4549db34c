import { alarmRulesView, channelCreated, webhookCreated } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { openHttpServer } from '../../rig/http-server.ts';
import { furnish } from '../../rig/people.ts';

test('channels, webhooks, rules and alarms are arranged through the API, and no secret is shown again', async () => {
  const server = await openHttpServer();
  const { client: admin } = await server.logIn();
  const target = { kind: 'ntfy', topic: 'cams' };
  const channel = channelCreated.parse(
    (await admin('POST', '/api/alarm-channels', { body: { name: 'Phone', target, secret: 'tk_never_shown' } })).body,
  ).channel;
  expect(channel).toMatchObject({ hasSecret: true, target: { url: 'https://ntfy.sh' }, leastSeverity: 'warning' });
  const hook = webhookCreated.parse(
    (await admin('POST', '/api/webhooks', { body: { name: 'CI', url: 'https://example.org/x', topics: ['video'] } }))
      .body,
  );
  expect(hook.secret).toMatch(/^whsec_/);
  const changed = await admin('PATCH', `/api/alarm-channels/${channel.id}`, { body: { digest: 'week' } });
  expect(changed).toMatchObject({ status: 200, body: { digest: 'week', hasSecret: true } });
  const moved = await admin('PATCH', `/api/alarm-channels/${channel.id}`, {
    body: { target: { ...target, url: 'https://other.example.org' } },
  });
  expect(moved).toMatchObject({ status: 400, body: { fields: [{ path: 'secret' }] } });
  expect((await admin('PATCH', `/api/webhooks/${hook.webhook.id}`, { body: { secret: 'weak' } })).status).toBe(400);
  expect((await admin('POST', `/api/webhooks/${hook.webhook.id}/resume`, { body: { from: 'now' } })).status).toBe(200);
  const lists = await Promise.all(
    ['/api/alarm-channels', '/api/webhooks', '/api/alarm-deliveries', '/api/audit'].map((at) => admin('GET', at)),
  );
  expect(lists.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  const seen = JSON.stringify([lists.map(({ body }) => body), server.logged]);
  expect(seen).not.toContain('tk_never_shown');
  expect(seen).not.toContain(hook.secret);

  const { site, ids } = await furnish(server, admin, 'Bridge');
  const offline = { enabled: true, afterMinutes: 5 };
  await admin('PUT', '/api/alarm-rules', { body: { 'agent-offline': offline, repeatHours: 2 } });
  const rules = alarmRulesView.parse(
    (await admin('PUT', `/api/sites/${site}/alarm-rules`, { body: { repeatHours: 0 } })).body,
  );
  expect(rules).toMatchObject({ own: { repeatHours: 0 }, inForce: { 'agent-offline': offline, repeatHours: 0 } });
  const [alarm] = (await admin('GET', '/api/alarms')).body.items;
  expect(alarm).toMatchObject({ id: ids.alarm, kind: 'agent-clone', siteId: site, acknowledgedAt: null });
  const known = await admin('PATCH', `/api/alarms/${ids.alarm}`, { body: { acknowledged: true } });
  expect(known.body).toMatchObject({ acknowledgedBy: 'admin', title: expect.any(String) });
  expect((await admin('DELETE', `/api/alarm-channels/${channel.id}`)).status).toBe(204);
  expect((await admin('DELETE', `/api/webhooks/${hook.webhook.id}`)).status).toBe(204);
  expect((await admin('POST', '/api/alarm-deliveries/dlv-0000000000000000/retry')).status).toBe(409);
});
