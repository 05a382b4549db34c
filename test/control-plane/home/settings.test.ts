import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { homeBrokerInput, homeTestInput, newHomeBrokerId } from '@slowlight/protocol';
import { createSecretBox, openSecretBox } from '@slowlight/protocol/kit';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openFolder } from '../../rig/folder.ts';
import { inputFor, openHomeScene } from '../../rig/home-scene.ts';
import { openHouseBroker } from '../../rig/house-broker.ts';
import { until } from '../../rig/until.ts';

const NOW = new AbortController().signal;
const SECRET = 'p@ss "word"/#ä%41';
const anInput = (change: object = {}) =>
  homeBrokerInput.parse({ name: 'House', url: 'mqtt://192.168.1.10', username: 'house', password: SECRET, ...change });

describe('a connection that is arranged', () => {
  test('shows everything but its password, which lies sealed in the records and nowhere else', async () => {
    const scene = await openHomeScene();
    const { home } = await scene.start();
    const made = await home.add(anInput());
    expect(made).toMatchObject({ name: 'House', hasPassword: true, discoveryPrefix: 'homeassistant', mqtt: '5' });
    const [seen] = (await home.view()).brokers;
    expect(JSON.stringify([made, seen])).not.toMatch(/p@ss|sealed/i);
    const sqlite = new Sqlite(path.join(scene.folder, 'records.sqlite'), { readonly: true });
    const row = sqlite.prepare<[], Record<string, unknown>>('select * from home_brokers').get();
    sqlite.close();
    expect(JSON.stringify(row)).not.toContain('p@ss');
    const box = await openSecretBox(path.join(scene.folder, 'secrets.key'));
    expect(box.open(String(row?.sealed_password), made.id)).toBe(SECRET);
    expect((await stat(path.join(scene.folder, 'secrets.key'))).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(scene.log.lines)).not.toContain('p@ss');
  });

  test('never sends its password to another address than it was given for', async () => {
    const scene = await openHomeScene();
    const { home } = await scene.start();
    const { id } = await home.add(anInput());
    const refused = { code: 'request.invalid', message: expect.stringMatching(/^password: must be typed in again/) };
    for (const url of ['mqtt://192.168.1.11', 'mqtt://192.168.1.10:1884', 'mqtts://192.168.1.10']) {
      await expect(home.change(id, { url })).rejects.toMatchObject(refused);
      const input = homeTestInput.parse({ ...anInput(), url, password: null, id });
      await expect(home.test(input, NOW)).rejects.toMatchObject(refused);
    }
    expect(await home.change(id, { name: 'Other', url: 'mqtt://192.168.1.10:1883/' })).toMatchObject({ name: 'Other' });
    expect(await home.change(id, { url: 'mqtt://192.168.1.11', password: 'another' })).toMatchObject({
      hasPassword: true,
    });
    expect(await home.change(id, { password: null })).toMatchObject({ hasPassword: false });
    expect(await home.change(newHomeBrokerId(), { name: 'x' })).toBeNull();
  });

  test.each([
    [{ url: 'http://192.168.1.10' }],
    [{ url: 'mqtt://user:secret@192.168.1.10' }],
    [{ url: 'mqtt://192.168.1.10/path' }],
    [{ topicRoot: 'slowlight/v1' }],
    [{ topicRoot: 'a/+/b' }],
    [{ topicRoot: '$SYS' }],
    [{ discoveryPrefix: '' }],
    [{ discoveryPrefix: '/homeassistant' }],
    [{ surprise: 1 }],
  ])('%j is refused', (change) => {
    expect(homeBrokerInput.safeParse({ name: 'House', url: 'mqtt://192.168.1.10', ...change }).success).toBe(false);
  });

  test('is refused with a password and no user, a certificate that is none, and a second time', async () => {
    const scene = await openHomeScene();
    const { home } = await scene.start();
    const code = 'request.invalid';
    await expect(home.add(anInput({ username: null }))).rejects.toMatchObject({ code, message: /^username/ });
    await expect(home.add(anInput({ ca: 'x' }))).rejects.toMatchObject({ code, message: /^ca: is of no use/ });
    await expect(home.add(anInput({ url: 'mqtts://a.example', ca: 'x' }))).rejects.toMatchObject({
      code,
      message: /PEM/,
    });
    await home.add(anInput());
    await expect(home.add(anInput({ name: 'Again' }))).rejects.toMatchObject({ code, message: /already, as "House"/ });
    expect((await home.add(anInput({ topicRoot: 'other' }))).topicRoot).toBe('other');
  });
});

describe('a trial of a connection', () => {
  test('works where it would, and says in words what is wrong where it would not', async (context) => {
    const broker = await openHouseBroker(context);
    const scene = await openHomeScene();
    const { home } = await scene.start();
    const tried = async (change: object) => home.test(homeTestInput.parse({ ...inputFor(broker), ...change }), NOW);
    expect(await tried({})).toMatchObject({ kind: 'works' });
    expect(await tried({ mqtt: '3.1.1' })).toMatchObject({ kind: 'works' });
    expect(await tried({ password: 'wrong' })).toMatchObject({ kind: 'failed', code: 'home.login-refused' });
    expect(await tried({ mqtt: '3.1.1', password: 'wrong' })).toMatchObject({ code: 'home.login-refused' });
    expect(await tried({ url: 'mqtt://127.0.0.1:1' })).toMatchObject({ code: 'home.unreachable' });
    const { id } = await home.add(inputFor(broker));
    expect(await tried({ id, password: null })).toMatchObject({ kind: 'works' });
    await until('the connection itself stands', async () => (await home.view()).brokers[0]?.link.state === 'connected');
    expect((await home.view()).brokers[0]?.link).toMatchObject({ fault: null, devices: 3 });
  });

  test('trusts a certificate only with its authority', async (context) => {
    const broker = await openHouseBroker(context, { tls: true });
    const scene = await openHomeScene();
    const { home } = await scene.start();
    expect(await home.test(homeTestInput.parse(inputFor(broker)), NOW)).toMatchObject({ kind: 'works' });
    const bare = await home.test(homeTestInput.parse(inputFor(broker, { ca: null })), NOW);
    expect(bare).toMatchObject({ kind: 'failed', code: 'home.certificate' });
  });

  test.for(['5', '3.1.1'] as const)('sees that a broker keeps it from speaking, MQTT %s', async (mqtt, context) => {
    const acl = 'user house\ntopic readwrite slowlight/#\n';
    const broker = await openHouseBroker(context, { acl });
    const scene = await openHomeScene();
    const { home } = await scene.start();
    const result = await home.test(homeTestInput.parse(inputFor(broker, { mqtt })), NOW);
    expect(result).toMatchObject({ kind: 'failed', code: 'home.not-allowed', message: /homeassistant/ });
  });
});

describe('a box for secrets', () => {
  test('opens only what it sealed, for the same purpose, unchanged', () => {
    const box = createSecretBox(Buffer.alloc(32, 7));
    for (const secret of ['', 'ä'.repeat(300), SECRET]) expect(box.open(box.seal(secret, 'a'), 'a')).toBe(secret);
    const sealed = box.seal('secret', 'a');
    expect(box.seal('secret', 'a')).not.toBe(sealed);
    const code = 'secret.cannot-open';
    const turned = Buffer.from(sealed, 'base64');
    turned[turned.length - 1] = (turned.at(-1) ?? 0) ^ 1;
    const broken = [turned.toString('base64'), '', 'AAAA', sealed.slice(0, 30)];
    for (const wrong of broken) expect(() => box.open(wrong, 'a')).toThrow(expect.objectContaining({ code }));
    expect(() => box.open(sealed, 'b')).toThrow(expect.objectContaining({ code }));
    expect(() => createSecretBox(Buffer.alloc(32, 8)).open(sealed, 'a')).toThrow(expect.objectContaining({ code }));
  });

  test('keeps its key in a file of its own, and refuses one that is damaged', async () => {
    const file = path.join(await openFolder(), 'secrets.key');
    const sealed = (await openSecretBox(file)).seal('secret', 'a');
    expect((await openSecretBox(file)).open(sealed, 'a')).toBe('secret');
    expect(await readFile(file)).toHaveLength(32);
    await writeFile(file, 'half');
    await expect(openSecretBox(file)).rejects.toMatchObject({ code: 'secret.key-unusable' });
  });
});
