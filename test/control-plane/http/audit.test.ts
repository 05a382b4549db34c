import { difference, isAudited, withoutSecrets } from '@slowlight/control-plane/src/http/audit.ts';
import { kindOfAddress } from '@slowlight/control-plane/src/http/where.ts';
import type { AuditEntry } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { type Client, openHttpServer, PASSWORD } from '../../rig/http-server.ts';
import { furnish, logInAs, programWith } from '../../rig/people.ts';

async function entriesOf(admin: Client, query = ''): Promise<AuditEntry[]> {
  return (await admin('GET', `/api/audit?limit=500${query}`)).body.items;
}

describe('what is told of a change', () => {
  it('is only what differs, and nothing secret', () => {
    const before = { name: 'Old', source: { url: 'rtsp://u:p@10.0.0.1/' }, hasPassword: true, password: 'sesame' };
    const after = { ...before, name: 'New', password: 'open', tokenId: 'tok-1', recoveryCodes: ['a', 'b'] };
    expect(withoutSecrets(difference(before, after))).toEqual({
      before: { name: 'Old', password: '(not shown)' },
      after: { name: 'New', password: '(not shown)', tokenId: 'tok-1', recoveryCodes: '(not shown)' },
    });
    expect(JSON.stringify(withoutSecrets(before))).not.toMatch(/u:p@|sesame/);
  });
});

describe('the audit log', () => {
  it('has an entry for every operation that may change something, whether it was done or refused', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    const own = await furnish(server, admin, 'Own');
    const changing = server.server
      .routes()
      .filter((route) => isAudited({ ...route }) && route.access !== 'open' && !route.url.startsWith('/api/session'));
    expect(changing.length).toBeGreaterThan(45);
    const nothing = server.server.routes().filter(({ audit }) => audit === 'nothing');
    expect(nothing.length).toBeGreaterThan(3);
    expect(
      nothing.every(({ access, url }) => access === 'viewer' && /preview/.test(url)),
      'only previews change nothing',
    ).toBe(true);
    const described = (await server.anybody('GET', '/api/openapi.json')).body;
    const unread: string[] = [];
    for (const { method, url } of changing) {
      const kind = kindOfAddress(url);
      const id = kind === null ? 'x' : own.ids[kind];
      const path = url.replace(/:(\w+)/g, '{$1}');
      const schema = described.paths[path]?.[method.toLowerCase()]?.requestBody?.content?.['application/json']?.schema;
      const parameters = described.paths[path]?.[method.toLowerCase()]?.parameters ?? [];
      const params = new Map<string, string>(
        parameters.map((one: { name: string; schema: object }) => [one.name, String(sample(one.schema))]),
      );
      const address = url.replace(/:(\w+)/g, (_, name: string) =>
        name === 'id' && kind !== null ? id : (params.get(name) ?? 'x'),
      );
      const reply = await admin(method, address, schema === undefined ? {} : { body: sample(schema) });
      const action = `${method} ${url}`;
      const entries = await entriesOf(admin, `&action=${encodeURIComponent(action)}`);
      // What was not even read, changed nothing and is no entry.
      if (entries.every((entry) => entry.action !== action)) unread.push(`${reply.status} ${action}`);
    }
    expect(unread.filter((one) => !/^(400|415) /.test(one))).toEqual([]);
    expect(unread.length, unread.join('\n')).toBeLessThan(changing.length / 4);
    const all = await entriesOf(admin);
    expect(all.every(({ result }) => result !== 'begun')).toBe(true);
    expect(all.some(({ result }) => result === 'refused')).toBe(true);
  }, 120_000);

  it('tells who, from where, what, before and after', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    const own = await furnish(server, admin, 'Own');
    await admin('PATCH', `/api/cameras/${own.camera}`, {
      body: { name: 'Lilies', username: 'u', password: 'sesame-street' },
    });
    const program = await programWith(server, { role: 'operator' });
    await program('POST', `/api/timelapses/${own.timelapse}/pause`);
    await program('PATCH', `/api/cameras/${own.camera}`, { body: { name: 'Mine' } });
    const [paused, changed] = await entriesOf(admin);
    expect(changed).toMatchObject({
      actor: { kind: 'user', name: 'admin' },
      address: '127.0.0.1',
      action: 'PATCH /api/cameras/:id',
      subject: own.camera,
      siteId: own.site,
      result: 'done',
      before: { name: 'Own camera', username: null },
      after: { name: 'Lilies', username: 'u' },
    });
    expect(paused).toMatchObject({
      actor: { kind: 'token', name: 'program' },
      action: 'POST /api/timelapses/:id/pause',
      before: { state: 'running' },
      after: { state: 'paused' },
    });
    const made = (await entriesOf(admin, '&action=POST%20/api/cameras')).find(
      ({ action }) => action === 'POST /api/cameras',
    );
    expect(made).toMatchObject({ subject: own.camera, siteId: own.site, before: null, after: { name: 'Own camera' } });
    expect(JSON.stringify(await entriesOf(admin))).not.toMatch(/sesame-street|slt_/);
    expect(await entriesOf(admin, `&subject=${own.timelapse}`)).toHaveLength(2);
    expect((await entriesOf(admin, '&siteId=sit-0000000000000000')).length).toBe(0);
  });

  it('is paged by key, tells of logins by name, shows no password, and is for administrators only', async () => {
    const server = await openHttpServer();
    await server.anybody('POST', '/api/session', { body: { name: 'Mallory', password: 'guess-guess' } });
    const { client: admin } = await server.logIn();
    for (const name of ['A', 'B', 'C']) await admin('POST', '/api/sites', { body: { name, timeZone: 'UTC' } });
    const first = (await admin('GET', '/api/audit?limit=3')).body;
    const second = (await admin('GET', `/api/audit?limit=3&after=${first.next}`)).body;
    expect(
      [...first.items, ...second.items].map(({ action, actor, result }: AuditEntry) => [action, actor.name, result]),
    ).toEqual([
      ['POST /api/sites', 'admin', 'done'],
      ['POST /api/sites', 'admin', 'done'],
      ['POST /api/sites', 'admin', 'done'],
      ['login', 'admin', 'done'],
      ['login', 'Mallory', 'refused'],
    ]);
    expect(second.next).toBeNull();
    expect(JSON.stringify([first, second])).not.toMatch(new RegExp(`guess-guess|${PASSWORD}`));
    const { client: operator } = await logInAs(server, { name: 'op', role: 'operator' });
    expect((await operator('GET', '/api/audit')).status).toBe(403);
    const program = await programWith(server, { role: 'admin', scopes: ['read', 'manage'] });
    expect((await program('GET', '/api/audit')).body.code).toBe('access.out-of-scope');
  });

  it('has the entry before the change: where none can be written, nothing is changed', async () => {
    const server = await openHttpServer({
      records: { auditBegin: () => Promise.reject(new Error('the disk is full')) },
    });
    const { client } = await logInAs(server, { name: 'a', role: 'admin' });
    expect((await client('POST', '/api/sites', { body: { name: 'A', timeZone: 'UTC' } })).status).toBe(500);
    expect((await client('GET', '/api/sites')).body.items).toEqual([]);
  });

  it('forgets what is older than it is kept', async () => {
    const server = await openHttpServer();
    const { client: admin } = await server.logIn();
    await admin('POST', '/api/sites', { body: { name: 'A', timeZone: 'UTC' } });
    expect(await server.records.forgetAudit(Date.now() - 60_000)).toBe(0);
    expect(await server.records.forgetAudit(Date.now() + 1)).toBe(2);
    expect(await entriesOf(admin)).toEqual([]);
  });
});

interface Schema {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  minLength?: number;
  pattern?: string;
  default?: unknown;
  format?: string;
}

/** Something that fits a schema, as small as it can be. */
function sample(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const either = schema.anyOf ?? schema.oneOf;
  if (either?.[0] !== undefined) return sample(either[0]);
  if (schema.allOf?.[0] !== undefined) return sample(schema.allOf[0]);
  if (schema.type === 'object' || schema.properties !== undefined)
    return Object.fromEntries(
      (schema.required ?? []).map((name) => [name, sampleNamed(name, schema.properties?.[name] ?? {})]),
    );
  if (schema.type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}));
  if (schema.type === 'integer' || schema.type === 'number')
    return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1;
  if (schema.type === 'boolean') return false;
  const [, prefix] = /^\^([a-z]{3})-\[0-9a-z\]\{16\}\$$/.exec(schema.pattern ?? '') ?? [];
  if (prefix !== undefined) return `${prefix}-0000000000000000`;
  if (/^\^frm-/.test(schema.pattern ?? '')) return 'frm-0000000000000000-1';
  if (/ovt/.test(schema.pattern ?? '')) return 'ovt-0000000000000000';
  return 'x'.repeat(Math.max(1, schema.minLength ?? 1));
}
/** Some texts have a meaning that their schema does not tell. */
const sampleNamed = (name: string, schema: Schema): unknown =>
  name === 'timeZone' ? 'UTC' : name === 'url' ? 'https://example.org/' : name === 'everyMs' ? 60_000 : sample(schema);
