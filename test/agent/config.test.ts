import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { environment, readConfig } from '@slowlight/agent/src/config.ts';
import { describe, expect, it } from 'vitest';
import { openFolder } from '../rig/folder.ts';

const example = readFileSync(path.join(import.meta.dirname, '../../agent/env.example'), 'utf8');
const lines = parseEnv(example.replace(/^# (?=SLOWLIGHT_)/gm, ''));

describe('the configuration of the agent', () => {
  it('has every variable in env.example, with its default', () => {
    const names = Object.keys(environment.shape);
    expect(names.length).toBeGreaterThan(10);
    expect(Object.keys(lines).sort()).toEqual(names.sort());
    expect(readConfig(lines as Record<string, string>)).toEqual(readConfig({}));
  });

  it('names every problem at once', () => {
    const wrong = {
      SLOWLIGHT_AGENT_UPLOADS_AT_ONCE: 'many',
      SLOWLIGHT_AGENT_BROKER_URL: 'http://user:secret@host',
      SLOWLIGHT_AGENT_TRUST_CLOCK: 'perhaps',
      SLOWLIGHT_AGENT_UPLOAD_AT_ONCE: '3',
    };
    try {
      readConfig(wrong);
      expect.unreachable();
    } catch (failure) {
      const { message } = failure as Error;
      for (const name of Object.keys(wrong)) expect(message).toContain(name);
      expect(message).not.toContain('secret');
    }
  });

  it('reads a file, and lets the environment win', async () => {
    const file = path.join(await openFolder(), 'agent.env');
    await writeFile(file, 'SLOWLIGHT_AGENT_UPLOADS_AT_ONCE=5\nSLOWLIGHT_AGENT_TRUST_CLOCK=yes\n');
    const config = readConfig({ SLOWLIGHT_AGENT_CONFIG: file, SLOWLIGHT_AGENT_UPLOADS_AT_ONCE: '7' });
    expect(config).toMatchObject({ uploadsAtOnce: 7, trustClock: true });
    expect(() => readConfig({ SLOWLIGHT_AGENT_CONFIG: `${file}.none` })).toThrow('SLOWLIGHT_AGENT_CONFIG');
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });
});
