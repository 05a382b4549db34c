/** How a device becomes an agent, delivers over encrypted lines, and is kept out again: both programs as they are. */
import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import Sqlite from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { type Device, openDevice, openSecureHouse, type SecureHouse } from '../rig/enrolling.ts';
import { openFolder } from '../rig/folder.ts';
import { openMqttAgent } from '../rig/mqtt-agent.ts';
import { makeSelfSigned } from '../rig/self-signed.ts';
import { until } from '../rig/until.ts';

const readIdentity = async (file: string) => JSON.parse(await readFile(file, 'utf8'));
const agentOf = async ({ ask }: SecureHouse, id: string) => (await ask('GET', `/api/agents/${id}`)).body;
const isOnline = (house: SecureHouse, id: string) => async () => (await agentOf(house, id)).state === 'online';

/** A test camera with a picture every second; gives its timelapse's id. */
async function startTimelapse({ ask }: SecureHouse, agentId: string): Promise<string> {
  const source = { kind: 'test', widthPx: 320, heightPx: 180 };
  const camera = (await ask('POST', '/api/cameras', { agentId, name: 'Test', source })).body;
  const schedule = { rhythm: { kind: 'interval', everyMs: 1000 }, timeZone: 'UTC' };
  return (await ask('POST', '/api/timelapses', { cameraId: camera.id, name: 'Test', schedule })).body.id;
}

const stored = async ({ ask }: SecureHouse, timelapse: string) =>
  (await ask('GET', `/api/timelapses/${timelapse}`)).body.frames as number;

it('a device enrols by one command, delivers over encrypted lines, is out within two seconds of being revoked, and comes back with what it kept when it is enrolled again', async () => {
  const house = await openSecureHouse(await openFolder());
  const made = await house.makeToken({ name: 'Mast' });
  expect(made).toMatchObject({ url: expect.stringMatching(/^https:/), pin: expect.stringMatching(/^sha256:/) });
  expect(made.command).toBe(`slowlight-agent enroll ${made.url} ${made.token} --pin ${made.pin}`);

  const device = await openDevice();
  const enrolled = device.enroll(made.command);
  expect(await enrolled.ended, enrolled.complaint()).toBe(0);
  const identity = await readIdentity(device.identityFile);
  expect(identity).toMatchObject({ brokerUrl: expect.stringMatching(/^mqtts:/), ca: expect.stringContaining('BEGIN') });
  expect((await stat(device.identityFile)).mode & 0o777).toBe(0o600);
  const said = enrolled.said() + enrolled.complaint();
  for (const secret of [identity.secret, identity.privateKey, made.token]) expect(said).not.toContain(secret);

  const agent = device.run();
  const agentId: string = identity.agentId;
  await until('it is online', isOnline(house, agentId));
  const timelapse = await startTimelapse(house, agentId);
  await until('a picture has come over https', async () => (await stored(house, timelapse)) > 0);
  expect((await house.ask('GET', '/api/enrolments')).body.items[0]).toMatchObject({ state: 'done', agentId });

  const lost = until('it has lost its line', () => agent.said().includes('the broker closed the connection'));
  const since = performance.now();
  expect((await house.ask('POST', `/api/agents/${agentId}/revoke`, {})).status).toBe(204);
  await lost;
  expect(performance.now() - since).toBeLessThan(2000);
  expect(await agentOf(house, agentId)).toMatchObject({ state: 'offline', revokedAt: expect.any(Number) });
  const asIt = openMqttAgent(house.plane.brokerUrl, { username: agentId, password: identity.secret });
  await until('it is answered', () => asIt.state() !== 'waiting');
  expect(asIt.state()).toBe('refused');
  const before = await stored(house, timelapse);
  await until('it is told what it means', () => agent.said().includes('does not know this agent or its secret'));
  expect(await stored(house, timelapse)).toBe(before);

  const again = await house.makeToken({ replaces: agentId });
  agent.child.kill('SIGTERM');
  await agent.ended;
  const second = device.enroll(again.command, '--again');
  expect(await second.ended, second.complaint()).toBe(0);
  device.run();
  await until('what it kept comes', async () => (await stored(house, timelapse)) > before + 2);
  expect((await house.ask('GET', '/api/faults')).body.items).toEqual([]);
  expect((await agentOf(house, agentId)).cloneSuspected).toBeNull();
});

it('another device takes an agent’s place: the same cameras and timelapse go on, the old device is out, and it takes another login while it works', async () => {
  const house = await openSecureHouse(await openFolder());
  const [first, second] = [await openDevice(), await openDevice()];
  expect(await first.enroll((await house.makeToken({ name: 'Mast' })).command).ended).toBe(0);
  const { agentId, credentialId } = await readIdentity(first.identityFile);
  const old = first.run();
  await until('it is online', isOnline(house, agentId));
  const timelapse = await startTimelapse(house, agentId);
  await until('a picture', async () => (await stored(house, timelapse)) > 0);

  expect(await second.enroll((await house.makeToken({ replaces: agentId })).command).ended).toBe(0);
  expect((await readIdentity(second.identityFile)).agentId).toBe(agentId);
  second.run();
  await until('the old one is out', () => old.said().includes('does not know this agent or its secret'));
  const before = await stored(house, timelapse);
  await until('pictures of the new one', async () => (await stored(house, timelapse)) > before + 1);
  const { items } = (await house.ask('GET', `/api/agents/${agentId}/credentials`)).body;
  expect(items).toMatchObject([
    { madeBy: 'replacement', usedAt: expect.any(Number), revokedAt: null },
    { id: credentialId, madeBy: 'enrolment', revokedAt: expect.any(Number) },
  ]);
  expect((await house.ask('GET', '/api/faults')).body.items).toEqual([]);

  // Another login while it works: written down, used, and the one before goes.
  const { secret } = await readIdentity(second.identityFile);
  const rotated = (await house.ask('POST', `/api/agents/${agentId}/credentials`)).body;
  await until('the new login is used', async () => {
    const [newest, before] = (await house.ask('GET', `/api/agents/${agentId}/credentials`)).body.items;
    return newest.id === rotated.id && newest.usedAt !== null && before.revokedAt !== null;
  });
  const now = await until('the one before is forgotten', async () => {
    const read = await readIdentity(second.identityFile);
    return read.previous === undefined && read;
  });
  expect(now.credentialId).toBe(rotated.id);
  expect(now.secret).not.toBe(secret);
  const count = await stored(house, timelapse);
  await until('pictures go on', async () => (await stored(house, timelapse)) > count);
});

it('a device says nothing to a server that it was not shown, and nothing in plain', async () => {
  const house = await openSecureHouse(await openFolder());
  const made = await house.makeToken({ name: 'Mast' });
  const device = await openDevice();
  const heard: Buffer[] = [];
  const { key, cert } = makeSelfSigned();
  const stranger = createTlsServer({ key, cert }, (socket) => {
    socket.on('data', (chunk) => heard.push(chunk));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void stranger.close());
  const foreign = `https://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  const tries: [string, string][] = [
    [made.command.replace(made.url, foreign), 'shows none of the certificates that the pin stands for'],
    [made.command.replace(/ --pin.*/, ''), 'cannot be trusted'],
    [made.command.replace(made.url, 'http://192.0.2.7:8080'), 'is not an address to enrol at'],
    [made.command.replace(made.token, 'A'.repeat(43)), 'This token is not known here'],
  ];
  const ended = tries.map(async ([command, says]) => {
    const tried = (await openDevice()).enroll(command);
    expect(await tried.ended, command).toBe(1);
    expect(tried.complaint()).toContain(says);
    expect(tried.complaint()).toContain('→');
  });
  await Promise.all(ended);
  expect(Buffer.concat(heard).length).toBe(0);
  expect((await house.ask('GET', '/api/enrolments')).body.items[0].state).toBe('open');

  // The authority in a file does as well as the pin.
  const file = path.join(device.folder, 'authority.pem');
  await writeFile(file, await readFile(path.join(house.folder, 'control-plane/certificates/authority.crt')));
  const good = device.enroll(made.command.replace(/ --pin.*/, ''), '--ca-file', file);
  expect(await good.ended, good.complaint()).toBe(0);
  const other = (await openDevice()).enroll(made.command);
  expect(await other.ended).toBe(1);
  expect(other.complaint()).toContain('Another device has used this token already');
});

it('an answer that is lost on its way is asked for again with the same key, also after the power went', async () => {
  const house = await openSecureHouse(await openFolder());
  const made = await house.makeToken({ name: 'Mast' }, { needsAcceptance: true });
  const device = await openDevice();
  const waiting = device.enroll(made.command);
  const shown = await until('the device waits', async () => {
    const [one] = (await house.ask('GET', '/api/enrolments')).body.items;
    return one.state === 'waiting' && waiting.complaint().includes('waits to be accepted') && one;
  });
  expect(waiting.complaint()).toContain(shown.device.key);
  waiting.child.kill('SIGKILL');
  await waiting.ended;
  await house.ask('POST', `/api/enrolments/${shown.id}/accept`);

  // The answer goes to the device's key, and nobody else hears of it.
  const pending = JSON.parse(await readFile(`${device.identityFile}.enrolling`, 'utf8'));
  const request = {
    v: 1,
    token: made.token,
    publicKey: pending.publicKey,
    device: { name: 'x', version: '1', system: 'y' },
  };
  const lost = await house.ask('POST', '/api/enrol', request);
  expect(lost.body.state).toBe('enrolled');
  const again = device.enroll(made.command);
  expect(await again.ended, again.complaint()).toBe(0);
  const identity = await readIdentity(device.identityFile);
  expect((await house.ask('GET', '/api/agents')).body.items.map(({ id }: { id: string }) => id)).toEqual([
    identity.agentId,
  ]);
  expect(identity.publicKey).toBe(pending.publicKey);
  device.run();
  await until('it comes in with it', isOnline(house, identity.agentId));
  expect((await house.ask('POST', '/api/enrol', request)).body.code).toBe('enrolment.over');
});

/** What a card holds now, by frame. */
function readCard(device: Device): Map<string, string> {
  const card = new Sqlite(path.join(device.folder, 'agent/buffer.sqlite'), { readonly: true });
  try {
    const rows = card.prepare<[], { frame_id: string; sha256: string }>('SELECT frame_id, sha256 FROM frames').all();
    return new Map(rows.map((row) => [row.frame_id, row.sha256]));
  } finally {
    card.close();
  }
}

it('a copied card is shown, and while both devices take turns on the line, no picture of either is lost', async () => {
  const house = await openSecureHouse(await openFolder());
  const first = await openDevice();
  expect(await first.enroll((await house.makeToken({ name: 'Mast' })).command).ended).toBe(0);
  const { agentId } = await readIdentity(first.identityFile);
  const before = first.run();
  await until('it is online', isOnline(house, agentId));
  const timelapse = await startTimelapse(house, agentId);
  await until('pictures', async () => (await stored(house, timelapse)) > 1);
  before.child.kill('SIGTERM');
  await before.ended;

  const second = await openDevice();
  await cp(path.join(first.folder, 'agent'), path.join(second.folder, 'agent'), { recursive: true });
  const devices = [first, second];
  const running = devices.map((device) => device.run());
  /** Every picture that was ever seen on a card: two devices give the same name to different ones. */
  const seen = devices.map(() => new Map<string, string>());
  const look = () => {
    for (const [index, device] of devices.entries())
      for (const [frame, sha256] of readCard(device)) seen[index]?.set(frame, sha256);
  };
  const ofBoth = () =>
    [...(seen[0] ?? [])].filter(([frame, sha256]) => seen[1]?.has(frame) && seen[1].get(frame) !== sha256);
  const turns = () => running.map(({ said }) => said().split('connected to the broker').length - 1);
  await until(
    'both have had their turns, and have given the same names',
    () => {
      look();
      const inTurns = turns().every((count) => count > 0) && turns().reduce((sum, one) => sum + one) > 2;
      return inTurns && ofBoth().length > 1 && seen.every(({ size }) => size > 3);
    },
    60_000,
  );
  const { cloneSuspected } = await agentOf(house, agentId);
  expect(cloneSuspected?.reason).toBe('conflict');
  const { items } = (await house.ask('GET', '/api/faults')).body;
  expect(items.map(({ code }: { code: string }) => code)).toContain('ingest.conflict');

  look();
  for (const { child, ended } of running) {
    child.kill('SIGTERM');
    await ended;
  }
  const records = new Sqlite(path.join(house.folder, 'control-plane/records.sqlite'), { readonly: true });
  onTestFinished(() => void records.close());
  const picture = records.prepare<[string, string], { picture: string }>(
    'SELECT picture FROM frames WHERE id = ? AND sha256 = ?',
  );
  const cards = devices.map(readCard);
  const lost = seen.flatMap((ofDevice, index) =>
    [...ofDevice].filter(
      ([frame, sha256]) => cards[index]?.get(frame) !== sha256 && picture.get(frame, sha256)?.picture !== 'stored',
    ),
  );
  expect(lost).toEqual([]);
}, 90_000);
