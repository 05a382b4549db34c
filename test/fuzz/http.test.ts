/** Every operation of the API, spoilt: nothing ends the program, and nothing is answered with a fault of ours. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { arrange, recordFrame } from '../rig/http-arrange.ts';
import { openHttpServer } from '../rig/http-server.ts';
import { seeded } from '../rig/seeded.ts';
import { until } from '../rig/until.ts';
import { longRunMs, mutate, nasty, pick, type Random, seeds } from './mutate.ts';

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  default?: unknown;
}
interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: string; schema: Schema }[];
  body: Schema | null;
}
interface Described {
  paths: Record<
    string,
    Record<
      string,
      {
        parameters?: Operation['parameters'];
        requestBody?: { content?: Record<string, { schema?: Schema }> };
      }
    >
  >;
  components?: { schemas?: Record<string, Schema> };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** Streams and waits for news: looked at for so long, ms. */
const MOST_MS = 700;

function operationsOf(described: Described): Operation[] {
  return Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, { parameters = [], requestBody }]) => ({
        method: method.toUpperCase(),
        path,
        parameters,
        body: Object.values(requestBody?.content ?? {})[0]?.schema ?? null,
      })),
  );
}

/** Something that fits a schema, mostly; ids are those that are there. */
function sample(
  schema: Schema,
  random: Random,
  known: { ids: string[]; schemas: Record<string, Schema> },
  depth = 0,
): unknown {
  if (schema.$ref !== undefined) {
    const target = known.schemas[schema.$ref.split('/').at(-1) ?? ''];
    return target === undefined || depth > 8 ? null : sample(target, random, known, depth + 1);
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return pick(random, schema.enum);
  const some = schema.anyOf ?? schema.oneOf;
  if (some !== undefined && some.length > 0) return sample(pick(random, some), random, known, depth + 1);
  if (schema.allOf !== undefined)
    return Object.assign({}, ...schema.allOf.map((one) => sample(one, random, known, depth + 1)));
  switch ([schema.type].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name]) => (schema.required ?? []).includes(name) || random() < 0.5)
          .map(([name, inner]) => [name, sample(inner, random, known, depth + 1)]),
      );
    case 'array':
      return Array.from({ length: Math.floor(random() * 3) }, () =>
        sample(schema.items ?? {}, random, known, depth + 1),
      );
    case 'integer':
    case 'number': {
      const from = Math.max(schema.minimum ?? 0, -1e12);
      return Math.floor(from + random() * (Math.min(schema.maximum ?? from + 1000, 1e13) - from));
    }
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    default: {
      const { pattern } = schema;
      const fitting = pattern === undefined ? [] : known.ids.filter((id) => new RegExp(pattern).test(id));
      return fitting.length > 0 ? pick(random, fitting) : pick(random, ['UTC', 'a name', '2026-06-01', '1']);
    }
  }
}

const asQuery = (value: unknown) =>
  encodeURIComponent(typeof value === 'string' ? value.toWellFormed() : JSON.stringify(value));

test('whatever is asked over HTTP is answered, never with a fault of ours', {
  timeout: (longRunMs ?? 0) + 120_000,
}, async () => {
  const crashes: unknown[] = [];
  process.on('unhandledRejection', (thrown) => crashes.push(thrown));
  const server = await openHttpServer();
  const scene = await arrange(server);
  const { admin, agent, camera, site } = scene;
  const schedule = { rhythm: { kind: 'interval', everyMs: 60_000 }, timeZone: 'UTC' };
  const body = { cameraId: camera.id, name: 'Roses', schedule };
  const { id: timelapse } = (await admin('POST', '/api/timelapses', { body })).body;
  const bytes = Buffer.from('no picture');
  const frame = await recordFrame(server, { agent: agent.id, camera: camera.id, seq: 1, timelapse, bytes });
  const described = (await server.anybody('GET', '/api/openapi.json')).body as Described;
  const known = { ids: [site.id, agent.id, camera.id, timelapse, frame], schemas: described.components?.schemas ?? {} };
  const operations = operationsOf(described);
  expect(operations.length).toBeGreaterThan(60);

  let session = await server.logIn();
  const faults = new Map<string, string>();
  let answered = 0;
  const statuses = new Map<number, number>();

  async function tryOne(seed: number): Promise<void> {
    const random = seeded(seed);
    const operation = operations[seed % operations.length] ?? pick(random, operations);
    const { method, path } = operation;
    // A login takes a password hash's time, and its limit would hide the rest.
    if (path === '/api/session' && method !== 'GET' && random() < 0.95) return;
    // It streams until somebody leaves.
    if (path === '/api/feed' && random() < 0.9) return;
    const fill = (schema: Schema) => (random() < 0.75 ? sample(schema, random, known) : nasty(random));
    let address = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
      const parameter = operation.parameters.find((one) => one.in === 'path' && one.name === name);
      return asQuery(fill(parameter?.schema ?? {}));
    });
    const query = operation.parameters
      .filter((one) => one.in === 'query' && random() < 0.6)
      .map(({ name, schema }) => `${name}=${asQuery(fill(schema))}`);
    if (random() < 0.1) query.push('__proto__=1', 'x[]=1', '%00=%ff');
    if (query.length > 0) address += `?${query.join('&')}`;
    const proper = operation.body === null ? null : sample(operation.body, random, known);
    const given = random() < 0.25 ? proper : mutate(proper, random);
    const sent = method === 'GET' ? null : random() < 0.05 ? '{"broken": ' : JSON.stringify(given);
    const type =
      random() < 0.93
        ? 'application/json'
        : pick(random, ['text/plain', 'image/png', 'multipart/form-data', 'application/xml']);
    const reply = await fetch(`${server.address}${address}`.slice(0, 60_000), {
      method: random() < 0.97 || method === 'GET' ? method : pick(random, ['PUT', 'PATCH', 'DELETE', 'OPTIONS']),
      redirect: 'manual',
      signal: AbortSignal.timeout(MOST_MS),
      headers: {
        cookie: session.cookie,
        ...(sent !== null && { 'content-type': type }),
        ...(random() < 0.1 && { range: pick(random, ['bytes=-1', 'bytes=9-1', 'bytes=0-99999999999', 'x']) }),
        ...(random() < 0.1 && {
          'if-none-match': '"x',
          'last-event-id': pick(random, ['-1', 'x', '99999999999999999999']),
        }),
      },
      ...(sent !== null && { body: sent }),
    }).catch((thrown: unknown) => thrown as Error);
    if (reply instanceof Error) {
      // It streams, or waits for something new; anything else would be a line that broke.
      if (reply.name !== 'TimeoutError')
        faults.set(`${method} ${path}: ${reply.message} ${String(reply.cause)}`, `seed ${seed}`);
      return;
    }
    answered += 1;
    statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
    if (reply.status === 500)
      faults.set(
        `${method} ${path} is answered with 500`,
        `seed ${seed}: ${address.slice(0, 300)} ${sent?.slice(0, 600)}`,
      );
    if (reply.status === 401) session = await server.logIn().catch(() => session);
    await reply.arrayBuffer().catch(() => {});
  }

  const all = seeds(350, 0.9);
  const lane = async () => {
    for (const seed of all) await tryOne(seed);
  };
  await Promise.all(Array.from({ length: 8 }, lane));

  const whys = server.logged
    .map((line) => JSON.parse(line) as { msg?: string; route?: string; err?: { message?: string } })
    .filter(({ msg }) => msg === 'a request failed')
    .map(({ route, err }) => `${route}: ${err?.message?.slice(0, 200)}`);
  expect({ faults: Object.fromEntries(faults), whys: [...new Set(whys)] }).toEqual({ faults: {}, whys: [] });
  expect(answered).toBeGreaterThan(200);
  expect(statuses.get(200) ?? 0).toBeGreaterThan(20);
  expect((await server.anybody('GET', '/health/live')).status).toBe(200);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(crashes).toEqual([]);
});

const LINES = [
  'GET /%zz HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /api/../../../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /assets/..%2f..%2f..%2fpackage.json HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /objects/%2e%2e/%2e%2e/key HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET http://169.254.169.254/ HTTP/1.1\r\nhost: x\r\n\r\n',
  'POST /api/session HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /api/session HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  `GET /${'a'.repeat(60_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  'GET / HTTP/1.1\r\nhost: x\r\ncookie: slowlight_session=%ff%00; __proto__=1\r\n\r\n',
  'TRACE / HTTP/1.1\r\nhost: x\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000',
];

test('whatever bytes reach the web server, others are answered', { timeout: (longRunMs ?? 0) + 60_000 }, async () => {
  const server = await openHttpServer({ mostIdleMs: 300 });
  const port = Number(new URL(server.address).port);
  for (const seed of seeds(40, 0.1)) {
    const random = seeded(seed);
    const line = Buffer.from(pick(random, LINES), 'latin1');
    if (random() < 0.5)
      for (let times = 0; times < 4; times += 1) line[Math.floor(random() * line.length)] = Math.floor(random() * 256);
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
    });
    socket.end(line);
    await until('it is closed', () => socket.destroyed || answer.length > 0);
    socket.destroy();
    expect.soft(answer, `seed ${seed}`).not.toMatch(/^HTTP\/1\.1 500|root:x:|"workspaces"/);
  }
  expect((await server.anybody('GET', '/health/live')).status).toBe(200);
});
