import { decide, grantsOfToken, grantsOfUser, type Place } from '@slowlight/control-plane/src/http/grants.ts';
import { kindOfAddress, saysWhere } from '@slowlight/control-plane/src/http/where.ts';
import type { Role, SiteId, UserView } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { openHttpServer, type Reply } from '../../rig/http-server.ts';
import { type Furnished, furnish, logInAs, programWith } from '../../rig/people.ts';
import { openViewer } from '../../rig/sse-viewer.ts';
import { until } from '../../rig/until.ts';

const A = 'sit-aaaaaaaaaaaaaaaa' as SiteId;
const B = 'sit-bbbbbbbbbbbbbbbb' as SiteId;

describe('the table of who may do what', () => {
  const at = (site: SiteId | null): Place => ({ kind: 'site', thing: 'camera', site });
  const somebody = (role: UserView['role'], ...sites: [SiteId, Role][]) =>
    grantsOfUser({ role, sites: sites.map(([siteId, own]) => ({ siteId, role: own })) });
  it.each([
    ['open', null, at(null), 'allowed'],
    ['viewer', null, at(A), 'log-in'],
    [undefined, somebody('admin'), at(A), 'forbidden'],
    ['viewer', somebody('viewer'), at(A), 'allowed'],
    ['viewer', somebody('viewer'), at(null), 'allowed'],
    ['operator', somebody('viewer'), at(A), 'forbidden'],
    ['operator', somebody('viewer', [A, 'operator']), at(A), 'allowed'],
    ['operator', somebody('viewer', [A, 'operator']), at(B), 'forbidden'],
    ['operator', somebody('viewer', [A, 'operator']), at(null), 'hidden'],
    ['operator', somebody('none', [A, 'operator']), at(A), 'allowed'],
    ['operator', somebody('none', [A, 'operator']), at(B), 'hidden'],
    ['operator', somebody('none', [A, 'operator'], [B, 'viewer']), at(B), 'forbidden'],
    ['operator', somebody('none', [A, 'operator']), at(null), 'hidden'],
    ['admin', somebody('none', [A, 'operator']), at(B), 'forbidden'],
    ['admin', somebody('none', [A, 'admin']), { kind: 'house' } as Place, 'forbidden'],
    ['viewer', somebody('none', [A, 'viewer']), { kind: 'house' } as Place, 'forbidden'],
    ['viewer', somebody('none', [A, 'viewer']), { kind: 'anywhere' } as Place, 'allowed'],
    ['viewer', somebody('none'), { kind: 'anywhere' } as Place, 'forbidden'],
    ['viewer', grantsOfToken({ role: 'admin', sites: null, scopes: ['capture'] }), at(A), 'out-of-scope'],
    ['operator', grantsOfToken({ role: 'operator', sites: [A], scopes: ['operate'] }), at(A), 'allowed'],
    ['operator', grantsOfToken({ role: 'operator', sites: [A], scopes: ['operate'] }), at(B), 'hidden'],
  ] as const)('%s, asked by %j of %j: %s', (access, grants, place, expected) => {
    expect(decide({ access }, grants, place).kind).toBe(expected);
  });
});

const RANK: Record<string, number> = { none: 0, viewer: 1, operator: 2, admin: 3 };
/** Bodies that name a thing, for the addresses that do not. */
const BODIES: Readonly<Record<string, (of: Furnished) => unknown>> = {
  'POST /api/agents': ({ site }) => ({ siteId: site, name: 'x' }),
  'POST /api/cameras': ({ agent }) => ({ agentId: agent, name: 'x', source: { kind: 'test' }, quality: 1 }),
  'POST /api/timelapses': ({ camera }) => ({
    cameraId: camera,
    name: 'x',
    schedule: { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'UTC' },
  }),
  'POST /api/schedules/preview': ({ timelapse }) => ({
    timelapseId: timelapse,
    schedule: { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'UTC' },
  }),
  'POST /api/videos': ({ timelapse }) => ({ timelapseId: timelapse, name: 'x' }),
  'POST /api/videos/preview': ({ timelapse }) => ({ timelapseId: timelapse, name: 'x' }),
  'POST /api/overlay-previews': ({ frame }) => ({ frameId: frame, templateId: 'ovt-builtin-timestamp' }),
  'POST /api/enrolments': ({ site }) => ({ siteId: site, name: 'x' }),
  'POST /api/shares': ({ timelapse }) => ({ name: 'x', timelapseId: timelapse }),
};

describe('every operation', () => {
  it('says whom it lets in, and to which site it belongs', async () => {
    const { server } = await openHttpServer({ firstUser: false });
    const routes = server.routes().filter(({ access, method }) => access !== 'open' && method !== 'OPTIONS');
    expect(routes.length).toBeGreaterThan(80);
    const silent = routes.filter(({ access, url, site }) => access === undefined || !saysWhere(url, site));
    expect(silent.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
  });

  it('lets everybody do at each site exactly what their role there allows, and hides what they may not see', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    const own = await furnish(server, admin, 'Own');
    const other = await furnish(server, admin, 'Other');
    const here = (role: Role) => [{ siteId: own.site, role }];
    const people = await Promise.all(
      (
        [
          { name: 'nobody', role: 'none', sites: [] },
          { name: 'viewer here', role: 'none', sites: here('viewer') },
          { name: 'operator here', role: 'none', sites: here('operator') },
          { name: 'admin here', role: 'none', sites: here('admin') },
          { name: 'viewer, operator here', role: 'viewer', sites: here('operator') },
          { name: 'operator', role: 'operator', sites: [] },
        ] as const
      ).map(async (who) => ({ ...who, ...(await logInAs(server, who)) })),
    );
    let asked = 0;
    const wrong: unknown[] = [];
    for (const { method, url, access, site } of server.server.routes()) {
      // The own session is everybody's; what is followed never ends: the feed is looked at below, the log in `logs.test.ts`.
      if (
        access === undefined ||
        access === 'open' ||
        ['OPTIONS', 'HEAD'].includes(method) ||
        /^\/api\/(session|feed|logs\/stream)/.test(url)
      )
        continue;
      const kind = kindOfAddress(url);
      for (const [place, furniture] of [
        ['other', other],
        ['own', own],
      ] as const)
        for (const { name, role, sites, client } of people) {
          const isPlaced = kind !== null || typeof site === 'object';
          const house = RANK[role] ?? 0;
          const there = place === 'own' ? Math.max(house, ...sites.map((one) => RANK[one.role] ?? 0)) : house;
          const best = Math.max(house, ...sites.map((one) => RANK[one.role] ?? 0));
          const need = RANK[access] ?? 9;
          const reach = isPlaced ? there : site === 'anywhere' || site === 'seen' ? best : house;
          const expected = best < need ? 403 : reach >= need ? 'allowed' : isPlaced && there === 0 ? 404 : 403;
          const body =
            method === 'GET' || method === 'HEAD' ? undefined : (BODIES[`${method} ${url}`]?.(furniture) ?? {});
          const address = url
            .replace(':id', kind === null ? 'ovt-builtin-timestamp' : furniture.ids[kind])
            .replace(':rule', 'rul-0000000000000000')
            .replace(':bulk', 'blk-0000000000000000')
            .replace(':address', 'f'.repeat(64))
            .replace('*', 'x');
          if (typeof site === 'object' && BODIES[`${method} ${url}`] === undefined && best >= need) continue;
          const reply = await client(method, address, { body });
          asked += 1;
          const missing = outcomeOf(reply, kind) === 404 && expected === 'allowed';
          // What is not there for the administrator either, is not hidden.
          const said = missing
            ? outcomeOf(await admin(method, address, { body }), null, 'allowed')
            : outcomeOf(reply, kind);
          if (said !== expected) wrong.push([method, url, name, place, { expected, said, body: reply.body?.code }]);
        }
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(900);
  }, 120_000);

  it('shows in lists only what belongs to the sites that somebody sees', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    const own = await furnish(server, admin, 'Own');
    const other = await furnish(server, admin, 'Other');
    await server.records.keepFault({ agentId: other.agent, code: 'x', reason: 'elsewhere', excerpt: null });
    await server.records.keepFault({ agentId: null, code: 'x', reason: 'of the house', excerpt: null });
    const { client } = await logInAs(server, {
      name: 'v',
      role: 'none',
      sites: [{ siteId: own.site, role: 'operator' }],
    });
    const lists = server.server
      .routes()
      .filter(({ site, url, method }) => site === 'seen' && method === 'GET' && url !== '/api/feed');
    expect(lists.length).toBeGreaterThan(6);
    for (const { url } of lists) {
      const seen = await client('GET', url);
      const all = await admin('GET', url);
      expect([url, seen.status]).toEqual([url, 200]);
      const text = JSON.stringify(seen.body);
      for (const id of Object.values(other.ids)) expect(text, url).not.toContain(id);
      expect(all.body.items.length, url).toBeGreaterThan(seen.body.items.length);
      if (url !== '/api/faults') expect(seen.body.items.length, url).toBeGreaterThan(0);
    }
    const program = await programWith(server, { role: 'viewer', sites: [other.site] });
    expect((await program('GET', '/api/cameras')).body.items.map((camera: { id: string }) => camera.id)).toEqual([
      other.camera,
    ]);
  });

  it('lets the feed tell only of the sites that somebody sees', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    const own = await furnish(server, admin, 'Own');
    const other = await furnish(server, admin, 'Other');
    const { cookie } = await logInAs(server, {
      name: 'v',
      role: 'none',
      sites: [{ siteId: own.site, role: 'viewer' }],
    });
    const viewer = await openViewer(server.address, { cookie, query: '?after=0' });
    await admin('PATCH', `/api/sites/${other.site}`, { body: { name: 'Elsewhere' } });
    await admin('PATCH', `/api/sites/${own.site}`, { body: { name: 'Here' } });
    const said = () => JSON.stringify(viewer.entries);
    await until('the last change is heard', () => said().includes('"change":"changed"'));
    for (const id of Object.values(other.ids)) expect(said()).not.toContain(id);
    expect(said()).toContain(own.timelapse);
    expect(said()).toContain(own.newer);
  });
});

function outcomeOf(
  { status, body }: Reply,
  kind: string | null,
  absent: 'allowed' | 404 = 404,
): 'allowed' | 401 | 403 | 404 {
  if (status === 401 || status === 403) return status;
  const hidden = /^(site|agent|camera|timelapse|frame|video|command|share|enrolment|alarm)\.not-found$/.test(
    body?.code ?? '',
  );
  return status === 404 && hidden && (kind === null || body.code === `${kind}.not-found`) ? absent : 'allowed';
}
