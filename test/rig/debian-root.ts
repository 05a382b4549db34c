import { type ChildProcess, spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { runHere } from '@slowlight/deploy/agent/run-here.ts';
import { onTestFinished } from 'vitest';
import { openFolder } from './folder.ts';

/** A Debian with nothing but its base, and a network in common with this machine. */
export interface DebianRoot {
  folder: string;
  /** Runs a line of shell as root in it, to its end. @throws Error with what it wrote to its error output */
  run(line: string): Promise<string>;
  /** Starts a line of shell as root in it; it is killed with the test. */
  start(line: string): { child: ChildProcess; said: () => string };
}

/** Why there can be none here; null: there can. */
export function whyNoDebianRoot(): string | null {
  return process.getuid?.() === 0 ? null : 'not run: only root can make a Debian of its own';
}

/** Made of packages of the same release as this machine, by debootstrap; it goes with the test. */
export async function openDebianRoot(): Promise<DebianRoot> {
  const folder = path.join(await openFolder(), 'root');
  const release = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'bookworm';
  await runHere('/usr/sbin/debootstrap', ['--variant=minbase', release, folder], '/');
  await copyFile('/etc/resolv.conf', path.join(folder, 'etc/resolv.conf'));
  await mkdir(path.join(folder, 'proc'), { recursive: true });
  await runHere('mount', ['-t', 'proc', 'proc', path.join(folder, 'proc')], '/');
  const running = new Set<ChildProcess>();
  onTestFinished(async () => {
    for (const child of running) child.kill('SIGKILL');
    await runHere('umount', ['--lazy', path.join(folder, 'proc')], '/').catch(() => {});
    await rm(folder, { recursive: true, force: true });
  });
  const clean = ['-i', `PATH=/usr/sbin:/usr/bin:/sbin:/bin`, 'HOME=/root', 'DEBIAN_FRONTEND=noninteractive'];
  const inside = (line: string) => ['chroot', [folder, '/usr/bin/env', ...clean, '/bin/sh', '-ec', line]] as const;
  return {
    folder,
    run: (line) => runHere(...inside(line), '/'),
    start(line) {
      let text = '';
      const [program, list] = inside(`exec ${line}`);
      const child = spawn(program, list, { stdio: ['ignore', 'pipe', 'pipe'] });
      running.add(child);
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (more: string) => {
          text += more;
        });
      child.on('exit', () => running.delete(child));
      return { child, said: () => text };
    },
  };
}
