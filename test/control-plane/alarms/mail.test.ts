import { channelInput, thumbnailKey } from '@slowlight/protocol';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { openAlarmScene } from '../../rig/alarm-scene.ts';
import { frameOf } from '../../rig/edge.ts';
import { makeSelfSigned } from '../../rig/self-signed.ts';
import { until } from '../../rig/until.ts';

async function openMailServer() {
  const { key, cert } = makeSelfSigned();
  const mails: string[] = [];
  const server = new SMTPServer({
    secure: true,
    key,
    cert,
    onAuth: ({ username, password }, _session, done) =>
      username === 'slowlight' && password === 'right' ? done(null, { user: username }) : done(new Error('no')),
    onData(stream, _session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        mails.push(Buffer.concat(pieces).toString());
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, ca: cert, mails };
}

test('mail goes over TLS that is checked, and what is wrong is told in words', async (context) => {
  const server = await openMailServer();
  const scene = await openAlarmScene(context);
  const alarms = scene.make();
  const target = {
    kind: 'email',
    host: 'localhost',
    port: server.port,
    ca: server.ca,
    username: 'slowlight',
    from: 'cams@example.org',
    to: ['me@example.org'],
  };
  const tryIt = (change: object, secret: string) =>
    alarms.testChannel(
      channelInput.parse({ name: 'Mail', target: { ...target, ...change }, secret }),
      AbortSignal.timeout(20_000),
    );
  expect(await tryIt({}, 'right')).toEqual({ kind: 'sent' });
  const mail = await simpleParser(server.mails[0] ?? '');
  expect(mail).toMatchObject({
    subject: 'Slowlight can reach you',
    from: { text: expect.stringContaining('cams@example.org') },
  });
  expect(mail.text).toContain('Alarms will come this way.');
  expect(await tryIt({}, 'wrong')).toMatchObject({ kind: 'failed', code: 'mail.login-refused' });
  expect(await tryIt({ ca: null }, 'right')).toMatchObject({ kind: 'failed', code: 'mail.not-trusted' });
  expect(await tryIt({ port: 1 }, 'right')).toMatchObject({ kind: 'failed', code: 'mail.unreachable' });
  await expect(tryIt({ security: 'none' }, 'right')).rejects.toMatchObject({ code: 'request.invalid' });
  expect(JSON.stringify(scene.log.lines)).not.toContain('right');
}, 30_000);

test('a digest of a day comes once, over restarts too, with coverage and the best picture', async (context) => {
  const server = await openMailServer();
  const scene = await openAlarmScene(context);
  const target = {
    kind: 'email',
    host: '127.0.0.1',
    port: server.port,
    ca: server.ca,
    username: 'slowlight',
    from: 'cams@example.org',
    to: ['me@example.org'],
  };
  const first = scene.make();
  await first.addChannel(
    channelInput.parse({ name: 'Mail', target, secret: 'right', digest: 'day', kinds: ['agent-clone'] }),
  );
  // 12:00 UTC; in Vienna the day of digests ends at 5:00 UTC.
  const taken = scene.edge.captured(scene.timelapse.id, scene.cameraId, scene.now + 60_000);
  const frame = frameOf(taken);
  const jpeg = Buffer.from('not looked at here');
  await scene.records.recordEvents([taken]);
  await scene.records.pictureStored(frame);
  await scene.records.thumbnailsDrawn([{ frameId: frame, failed: null }]);
  await scene.store.write(thumbnailKey(frame, 'small'), jpeg, 'image/jpeg');
  await scene.clock.advance(17.5 * 3_600_000);
  for (let start = 0; start < 3; start += 1) {
    const alarms = scene.make();
    const stop = scene.start(alarms);
    const seen = scene.states.length;
    await until('it has looked', () => scene.states.length > seen + 2);
    await until('nothing waits', async () => (await alarms.channels())[0]?.waiting === 0);
    await stop();
    await scene.clock.advance(60_000);
  }
  expect((await scene.records.deliveries({ limit: 9 })).items.map(({ state }) => state)).toEqual(['sent']);
  expect(server.mails).toHaveLength(1);
  const mail = await simpleParser(server.mails[0] ?? '');
  expect(mail.subject).toBe('Bridge, 2026-06-01 to 2026-06-02');
  expect(mail.text).toMatch(/The bridge: /);
  expect(mail.html).toContain('The bridge');
  expect(mail.attachments).toMatchObject([{ cid: frame, contentType: 'image/jpeg', content: jpeg }]);
}, 30_000);
