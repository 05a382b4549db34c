import { createLogs } from '@slowlight/control-plane/src/logs/logs.ts';
import { readLogLine } from '@slowlight/control-plane/src/logs/read-line.ts';
import type { LogLine } from '@slowlight/protocol';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHandClock } from '../rig/hand-clock.ts';
import { openHttpServer } from '../rig/http-server.ts';
import { logInAs } from '../rig/people.ts';
import { until } from '../rig/until.ts';

describe('a line of the log', () => {
  const read = (fields: object, sentence = 'said') =>
    JSON.stringify(readLogLine(JSON.stringify({ level: 30, time: 5, ...fields, msg: sentence })));

  it.each([
    [{ password: 'hunter2' }],
    [{ err: { message: 'no', config: { authorization: 'hunter2' } } }],
    [{ reason: 'cannot reach rtsp://admin:hunter2@10.0.0.9/stream' }],
    [{ url: 'https://store.example/frm?X-Amz-Credential=hunter2&X-Amz-Signature=hunter2' }],
    [{ header: 'Bearer hunter2hunter2' }],
    [{ header: 'slowlight_session=hunter2; Path=/' }],
    [{ note: 'whsec_hunter2' }],
    [{ note: '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----' }],
  ])('is kept without what looks like a secret: %j', (fields) => {
    expect(read(fields)).toMatch(/…|\*\*\*@/);
    expect(read(fields)).not.toContain('hunter2');
  });

  it('says nothing secret in its sentence either', () => {
    expect(read({}, 'asking rtsp://admin:hunter2@10.0.0.9/ with Bearer hunter2hunter2')).not.toContain('hunter2');
  });

  it('keeps what names things, and is short whatever was written', () => {
    expect(JSON.parse(read({ camera: 'cam-1', ms: 7, key: 'frames/a.jpg' })).fields).toEqual({
      camera: 'cam-1',
      ms: '7',
      key: 'frames/a.jpg',
    });
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`field${index}`, 'x'.repeat(9000)]));
    expect(read(many, 'y'.repeat(90_000)).length).toBeLessThan(60_000);
    expect(['', 'no json', '[]', '{"level":30}', 'null'].map(readLogLine)).toEqual([null, null, null, null, null]);
  });
});

it('of the log so many lines are kept and no more, and their numbers grow over a restart', () => {
  const logs = createLogs({ startedAt: 1000 }, { mostLines: 50 });
  const log = pino({ level: 'debug', base: null }, logs);
  for (let line = 1; line <= 500; line += 1) log.info({ line }, 'counted');
  log.debug({}, 'Quiet words');
  const all = { level: 'debug', text: '', before: null, limit: 500 } as const;
  expect(logs.newest(all).items.length).toBeLessThanOrEqual(55);
  expect(logs.newest(all).items[0]?.message).toBe('Quiet words');
  expect(logs.newest({ ...all, level: 'info' }).items[0]?.fields).toEqual({ line: '500' });
  expect(logs.newest({ ...all, text: 'QUIET' }).items).toHaveLength(1);
  expect(logs.newest({ ...all, text: 'line=499' }).items).toHaveLength(1);
  const later = createLogs({ startedAt: 1001 });
  pino({ base: null }, later).info('after the restart');
  const [first] = later.newest(all).items;
  expect(first?.number).toBeGreaterThan(logs.newest(all).items[0]?.number ?? Number.POSITIVE_INFINITY);
});

it('an admin pages through the log and follows it from where the page was; nobody else does, and nobody any longer than allowed', async () => {
  const clock = createHandClock(Date.now());
  const server = await openHttpServer({ clock });
  const { client } = await server.logIn();
  const { cookie, user } = await logInAs(server, { name: 'second', role: 'admin' });
  for (let line = 1; line <= 5; line += 1) server.log.warn({ line }, 'a marked line');
  const first = (await client('GET', '/api/logs?level=warn&text=marked&limit=3')).body;
  expect(first.items.map(({ fields }: LogLine) => fields.line)).toEqual(['5', '4', '3']);
  const rest = (await client('GET', `/api/logs?level=warn&text=marked&limit=3&after=${first.next}`)).body;
  expect(rest.items.map(({ fields }: LogLine) => fields.line)).toEqual(['2', '1']);
  expect(rest.next).toBeNull();
  expect((await client('GET', '/api/logs?after=nonsense')).status).toBe(400);
  expect((await client('GET', '/api/logs/stream', { headers: { 'last-event-id': 'x' } })).status).toBe(400);

  const other = await logInAs(server, { name: 'other', role: 'operator', sites: [] });
  expect((await other.client('GET', '/api/logs')).status).toBe(403);
  expect((await other.client('GET', '/api/logs/stream')).status).toBe(403);
  expect((await server.anybody('GET', '/api/logs/stream')).status).toBe(401);

  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const answer = await fetch(`${server.address}/api/logs/stream?level=warn&text=marked`, {
    headers: { cookie, 'last-event-id': String(first.items[0].number) },
    signal: leave.signal,
  });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  let heard = '';
  let isOver = false;
  const reading = answer.body
    ?.pipeThrough(new TextDecoderStream())
    .pipeTo(
      new WritableStream({
        write(text) {
          heard += text;
        },
      }),
    )
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  server.log.info({}, 'a marked line, but of no weight');
  server.log.error({ line: 6 }, 'a marked line');
  await until('the new line is heard', () => heard.includes('"line":"6"'));
  expect(heard.match(/^data: /gm)).toHaveLength(1);
  expect(heard).not.toContain('no weight');
  await clock.advance(20_000);
  await until('it is still there', () => heard.includes(': still here'));
  await server.records.changeUser(user.id, { role: 'viewer' });
  await clock.advance(20_000);
  await until('the stream is ended', () => isOver);
  await reading;
});
