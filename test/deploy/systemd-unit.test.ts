import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readConfig } from '@slowlight/agent/src/config.ts';
import { LEAN_MALLOC, LEAN_NODE } from '@slowlight/deploy/local/lean.ts';
import { describe, expect, it } from 'vitest';
import { openFolder } from '../rig/folder.ts';

const file = path.join(import.meta.dirname, '../../deploy/agent/slowlight-agent.service');
const text = readFileSync(file, 'utf8');
const settings = new Map([...text.matchAll(/^([A-Za-z]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));

describe('the unit of the agent', () => {
  it('is watched, restarted whatever happens, but for a setting that is wrong', () => {
    expect(Object.fromEntries(settings)).toMatchObject({
      Type: 'notify',
      // systemd-notify is a process of its own.
      NotifyAccess: 'all',
      Restart: 'always',
      RestartPreventExitStatus: '78',
      SuccessExitStatus: '75',
      User: 'slowlight',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
    });
    expect(Number(settings.get('WatchdogSec'))).toBeGreaterThanOrEqual(60);
    // A clean stop takes 5 s at most.
    expect(Number(settings.get('TimeoutStopSec'))).toBeGreaterThan(5);
  });

  it('gives the agent more memory than the ceiling at which it restarts itself', () => {
    const [, gigabytes] = /^(\d+)G$/.exec(settings.get('MemoryMax') ?? '') ?? [];
    expect(Number(gigabytes) * 2 ** 30).toBeGreaterThan(1.5 * (readConfig({}).memoryLimitBytes ?? Infinity));
  });

  it('starts what the package brings', () => {
    const [, main] =
      /^\/usr\/lib\/slowlight-agent\/bin\/node [-=\w ]*\/usr\/lib\/slowlight-agent\/(\S+) run$/.exec(
        settings.get('ExecStart') ?? '',
      ) ?? [];
    expect(() => readFileSync(path.join(import.meta.dirname, '../..', main ?? 'missing'))).not.toThrow();
  });

  it('starts the agent as lean as the launcher does', () => {
    expect(settings.get('ExecStart')).toContain(`/node ${LEAN_NODE.join(' ')} /usr`);
    const environment = Object.entries(LEAN_MALLOC).map(([name, value]) => `${name}=${value}`);
    expect(text).toContain(`Environment=${environment.join(' ')}\n`);
  });

  it('is one that systemd understands', async ({ skip }) => {
    const known = spawnSync('systemd-analyze', ['--version']);
    skip(known.error !== undefined, 'not run: systemd is missing on this machine');
    const copy = path.join(await openFolder(), 'slowlight-agent.service');
    // Whether the program is there is a matter of the machine that it is installed on.
    await writeFile(copy, text.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', copy], { encoding: 'utf8' });
    expect([status, `${stdout}${stderr}`.trim()]).toEqual([0, '']);
  });
});
