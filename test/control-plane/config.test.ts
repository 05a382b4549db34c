import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readConfig, variables } from '@slowlight/control-plane/src/config.ts';
import { Failure } from '@slowlight/protocol/kit';
import { describe, expect, it } from 'vitest';
import { openFolder } from '../rig/folder.ts';

const EXAMPLE = path.join(import.meta.dirname, '../../control-plane/env.example');
const known = Object.keys(variables.shape);

function problemsOf(environment: Record<string, string>, folder: string): string {
  try {
    readConfig(environment, folder);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message;
    throw thrown;
  }
  return '';
}

describe('the settings of the control plane', () => {
  it('are safe without any variable: loopback only, everything embedded, frozen', async () => {
    const folder = await openFolder();
    const config = readConfig({}, folder);
    expect(config).toMatchObject({
      dataDir: path.join(folder, 'data/control-plane'),
      http: { host: '127.0.0.1', port: 8080, publicUrl: null, trustedProxies: [] },
      broker: { kind: 'embedded', host: '127.0.0.1', port: 1883 },
      records: { kind: 'sqlite', path: path.join(folder, 'data/control-plane/records.sqlite') },
      objects: { kind: 'directory', folder: path.join(folder, 'data/control-plane/objects') },
      minIntervalMs: 5000,
      encoders: 2,
      videoEncoder: 'software',
      weather: 'open-meteo',
      logLevel: 'info',
      metricsOpen: false,
      adminPassword: null,
      localAgentIdentity: null,
    });
    expect(Object.isFrozen(config) && Object.isFrozen(config.http) && Object.isFrozen(config.broker)).toBe(true);
  });

  it('listen encrypted where other machines reach them, and in plain on this machine alone, unless somebody says otherwise', async () => {
    const folder = await openFolder();
    const reach = (environment: Record<string, string>) => {
      const { http, broker, tls } = readConfig(environment, folder);
      if (broker.kind !== 'embedded') throw new Error('another broker');
      const listens = ({ host, port, secure }: typeof http | typeof broker) => [
        `${host}:${port}`,
        secure === null ? null : `${secure.host}:${secure.port}`,
      ];
      return { web: listens(http), broker: listens(broker), tls };
    };
    const open = { SLOWLIGHT_HTTP_HOST: '0.0.0.0', SLOWLIGHT_BROKER_HOST: '192.168.1.10' };
    expect(reach({})).toMatchObject({ web: ['127.0.0.1:8080', null], broker: ['127.0.0.1:1883', null] });
    expect(reach(open)).toMatchObject({
      web: ['127.0.0.1:8080', '0.0.0.0:8443'],
      broker: ['127.0.0.1:1883', '192.168.1.10:8883'],
    });
    expect(reach({ ...open, SLOWLIGHT_PLAIN: 'everywhere', SLOWLIGHT_TLS: 'off' })).toMatchObject({
      web: ['0.0.0.0:8080', null],
      broker: ['192.168.1.10:1883', null],
    });
    expect(reach({ SLOWLIGHT_TLS: 'on', SLOWLIGHT_HTTPS_PORT: '443' })).toMatchObject({
      web: ['127.0.0.1:8080', '127.0.0.1:443'],
      broker: ['127.0.0.1:1883', '127.0.0.1:8883'],
    });
    const files = {
      SLOWLIGHT_TLS_CERT_FILE: 'a.pem',
      SLOWLIGHT_TLS_KEY_FILE: 'a.key',
      SLOWLIGHT_TLS_NAMES: 'a.example, ::1',
    };
    expect(reach(files).tls).toEqual({
      names: ['a.example', '::1'],
      given: { cert: path.join(folder, 'a.pem'), key: path.join(folder, 'a.key'), ca: null },
    });
    expect(problemsOf({ ...open, SLOWLIGHT_TLS: 'off' }, folder)).toContain('nobody could come in');
    expect(problemsOf({ SLOWLIGHT_TLS_KEY_FILE: 'a.key' }, folder)).toContain('are needed together');
  });

  it('tell every problem at once, each by the name of its variable', async () => {
    const said = problemsOf(
      {
        SLOWLIGHT_HTTP_PORT: '70000',
        SLOWLIGHT_BROKER: 'mosquitto',
        SLOWLIGHT_MIN_INTERVAL_MS: 'five',
        SLOWLIGHT_PUBLIC_URL: 'slowlight.example.org',
        SLOWLIGHT_HTPP_HOST: '0.0.0.0',
        SLOWLIGHT_ADMIN_PASSWORD: 'short',
      },
      await openFolder(),
    );
    expect(said).toContain('SLOWLIGHT_HTTP_PORT must be a port');
    expect(said).toContain('SLOWLIGHT_BROKER must be embedded or external');
    expect(said).toContain('SLOWLIGHT_MIN_INTERVAL_MS must be a whole number of milliseconds');
    expect(said).toContain('SLOWLIGHT_PUBLIC_URL must be an address such as');
    expect(said).toContain('SLOWLIGHT_HTPP_HOST is not a setting of the control plane (is SLOWLIGHT_HTTP_HOST meant?)');
    expect(said).toContain('SLOWLIGHT_ADMIN_PASSWORD must have at least 10 characters');
    expect(said).not.toContain('short');
  });

  it.each([
    ['external broker', { SLOWLIGHT_BROKER: 'external' }, ['SLOWLIGHT_BROKER_URL']],
    ['PostgreSQL', { SLOWLIGHT_RECORDS: 'postgres' }, ['SLOWLIGHT_POSTGRES_URL']],
    ['S3', { SLOWLIGHT_OBJECTS: 's3' }, ['SLOWLIGHT_S3_BUCKET', 'SLOWLIGHT_S3_ACCESS_KEY', 'SLOWLIGHT_S3_SECRET_KEY']],
  ])('say what an %s needs', async (_name, environment, needed) => {
    const said = problemsOf(environment, await openFolder());
    for (const name of needed) expect(said).toContain(`${name} is needed`);
  });

  it('refuse a password inside the broker’s address without showing it', async () => {
    const said = problemsOf(
      { SLOWLIGHT_BROKER: 'external', SLOWLIGHT_BROKER_URL: 'mqtt://user:sesame@broker' },
      await openFolder(),
    );
    expect(said).toContain('SLOWLIGHT_BROKER_PASSWORD');
    expect(said).not.toContain('sesame');
  });

  it('come from the file too, and the environment wins', async () => {
    const folder = await openFolder();
    await writeFile(path.join(folder, 'slowlight.env'), 'SLOWLIGHT_HTTP_PORT=9000\nSLOWLIGHT_ENCODERS=3\n');
    const config = readConfig({ SLOWLIGHT_HTTP_PORT: '9001', SLOWLIGHT_AGENT_DATA_DIR: 'x', HOME: '/x' }, folder);
    expect([config.http.port, config.encoders]).toEqual([9001, 3]);
    await writeFile(path.join(folder, 'other.env'), 'SLOWLIGHT_ENCODERS=4\n');
    expect(readConfig({ SLOWLIGHT_CONFIG: 'other.env' }, folder).encoders).toBe(4);
  });

  it('name a file that was asked for and is not there', async () => {
    expect(problemsOf({ SLOWLIGHT_CONFIG: 'absent.env' }, await openFolder())).toContain('absent.env cannot be read');
  });
});

describe('the roles of a process', () => {
  const postgres = { SLOWLIGHT_RECORDS: 'postgres', SLOWLIGHT_POSTGRES_URL: 'postgres://localhost/slowlight' };
  it.each([
    [{}, { serves: true, works: true }],
    [
      { ...postgres, SLOWLIGHT_ROLES: 'worker' },
      { serves: false, works: true },
    ],
    [
      { ...postgres, SLOWLIGHT_ROLES: 'api, ingest' },
      { serves: true, works: false },
    ],
  ])('%j', async (given, roles) => {
    expect(readConfig(given, await openFolder()).roles).toEqual(roles);
  });

  it.each([
    [{ SLOWLIGHT_ROLES: 'worker' }, 'take postgres'],
    [{ ...postgres, SLOWLIGHT_ROLES: 'api,worker' }, 'api and ingest together'],
    [{ ...postgres, SLOWLIGHT_ROLES: 'cook' }, 'SLOWLIGHT_ROLES must be some of api, ingest, worker'],
  ])('%j cannot be obeyed, and is refused', async (given, said) => {
    expect(problemsOf(given, await openFolder())).toContain(said);
  });
});

describe('env.example', () => {
  const lines = readFileSync(EXAMPLE, 'utf8').split('\n');
  const named = lines.flatMap((line) => /^#?(SLOWLIGHT_[A-Z0-9_]+)=(.*)$/.exec(line)?.slice(1, 3) ?? []);
  const pairs = named.flatMap((name, index) => (index % 2 === 0 ? [[name, named[index + 1] ?? ''] as const] : []));

  it('lists every variable once, and no other', () => {
    const names = pairs.map(([name]) => name);
    expect(names.length).toBeGreaterThan(20);
    expect(names.toSorted()).toEqual([...known, 'SLOWLIGHT_CONFIG'].toSorted());
  });

  it('holds only values that the schema takes', async () => {
    const given = Object.fromEntries(pairs.filter(([name]) => name !== 'SLOWLIGHT_CONFIG'));
    expect(problemsOf(given, await openFolder())).toBe('');
  });

  it('shows the defaults as they are', async () => {
    const folder = await openFolder();
    const shown = pairs.filter(([name]) =>
      /_(DATA_DIR|HTTP_HOST|HTTP_PORT|BROKER|BROKER_HOST|BROKER_PORT|RECORDS|OBJECTS|MIN_INTERVAL_MS|ENCODERS|LOG_LEVEL|METRICS_OPEN)$/.test(
        name,
      ),
    );
    expect(shown.length).toBe(12);
    expect(readConfig(Object.fromEntries(shown), folder)).toEqual(readConfig({}, folder));
  });
});
