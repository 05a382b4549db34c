import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startAgent, startControlPlane } from '@slowlight/deploy/local/product.ts';
import type { Program } from '@slowlight/deploy/local/program.ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openFolder } from '../rig/folder.ts';

const PORTS = { SLOWLIGHT_HTTP_PORT: '0', SLOWLIGHT_BROKER_PORT: '0', SLOWLIGHT_WEATHER: 'off' };
const onLine = () => {};

function stopped(program: Program): Program {
  onTestFinished(async () => {
    await program.stop();
  });
  return program;
}

describe('the launcher', () => {
  test('reads no settings file of the folder it was called in, so that a demo never meets a user’s real database', async () => {
    const [dataDir, called, before] = [await openFolder(), await openFolder(), process.cwd()];
    writeFileSync(path.join(called, 'slowlight.env'), 'SLOWLIGHT_RECORDS=postgres\nSLOWLIGHT_POSTGRES_URL=nowhere\n');
    process.chdir(called);
    onTestFinished(() => process.chdir(before));
    await stopped(startControlPlane({ dataDir, environment: PORTS, onLine })).ready;
    const told = stopped(startControlPlane({ dataDir, environment: PORTS, onLine, folder: called }));
    await expect(told.ready).rejects.toThrow(/SLOWLIGHT_POSTGRES_URL/);
  });

  test('obeys every folder and address that the user has set', async () => {
    const [dataDir, cloud, edge] = [await openFolder(), await openFolder(), await openFolder()];
    const agentEnvironment = { SLOWLIGHT_AGENT_DATA: edge, SLOWLIGHT_AGENT_BROKER_URL: 'mqtt://127.0.0.1:9' };
    const environment = { ...PORTS, SLOWLIGHT_DATA_DIR: cloud };
    const controlPlane = stopped(startControlPlane({ dataDir, environment, agentEnvironment, onLine }));
    const { brokerUrl } = await controlPlane.ready;
    const refused = Promise.withResolvers<string>();
    const agent = startAgent({
      dataDir,
      agentEnvironment,
      brokerUrl: String(brokerUrl),
      onLine: ({ msg }) => {
        if (msg.startsWith('not connected')) refused.resolve(msg);
      },
    });
    await stopped(agent).ready;
    expect(await refused.promise).toContain('mqtt://127.0.0.1:9');
    expect(existsSync(path.join(cloud, 'records.sqlite'))).toBe(true);
    expect(existsSync(path.join(edge, 'buffer.sqlite'))).toBe(true);
    expect(existsSync(path.join(dataDir, 'control-plane'))).toBe(false);
  });

  test('names a settings file that is asked for and not there', async () => {
    const dataDir = await openFolder();
    const environment = { ...PORTS, SLOWLIGHT_CONFIG: path.join(dataDir, 'missing.env') };
    await expect(stopped(startControlPlane({ dataDir, environment, onLine })).ready).rejects.toThrow(/missing\.env/);
  });
});
