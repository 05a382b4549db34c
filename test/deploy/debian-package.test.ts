import { readFileSync } from 'node:fs';
import { appendFile, copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { buildDeb } from '@slowlight/deploy/agent/build-deb.ts';
import { runHere } from '@slowlight/deploy/agent/run-here.ts';
import { expect, test } from 'vitest';
import type { CameraView, PageOf, TimelapseView } from '../demo/api.ts';
import { type DebianRoot, openDebianRoot, whyNoDebianRoot } from '../rig/debian-root.ts';
import { openFolder } from '../rig/folder.ts';
import { openProduct } from '../rig/open-product.ts';
import { openVirtualCamera } from '../rig/open-virtual-camera.ts';
import { until } from '../rig/until.ts';

const unit = readFileSync(path.join(import.meta.dirname, '../../deploy/agent/slowlight-agent.service'), 'utf8');

/** What systemd would start, as the user and with the environment that the unit names. */
function asTheUnitSays(): string {
  const values = (name: string) =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
  const [command = ''] = values('ExecStart');
  const [user = ''] = values('User');
  const [folder = ''] = values('WorkingDirectory');
  const environment = values('Environment').join(' ');
  return `setpriv --reuid=${user} --regid=${user} --init-groups env --chdir=${folder} ${environment} $(grep -v '^#' /etc/slowlight/agent.env) ${command}`;
}

async function installed(root: DebianRoot, file: string): Promise<string> {
  await mkdir(path.join(root.folder, 'packages'), { recursive: true });
  await copyFile(file, path.join(root.folder, 'packages', path.basename(file)));
  const list = '-y -qq --no-install-recommends --allow-downgrades -o Dpkg::Use-Pty=0';
  return root.run(`apt-get update -qq && apt-get install ${list} /packages/${path.basename(file)} 2>&1`);
}

/** The same package, said to be another version. */
async function asVersion(file: string, version: string, folder: string): Promise<string> {
  const tree = path.join(folder, `tree-${version}`);
  await runHere('dpkg-deb', ['-R', file, tree], folder);
  await runHere('sed', ['-i', `s/^Version: .*/Version: ${version}/`, path.join(tree, 'DEBIAN/control')], folder);
  const other = path.join(folder, `slowlight-agent_${version}.deb`);
  await runHere('dpkg-deb', ['--build', '--root-owner-group', '-Znone', tree, other], folder);
  return other;
}

test('the agent’s package comes into a bare Debian, is enrolled with one line, takes pictures, and an upgrade and the way back keep what nobody has yet', {
  timeout: 400_000,
}, async ({ skip }) => {
  const why = whyNoDebianRoot();
  skip(why !== null, why ?? '');
  const packages = await openFolder();
  const [root, { file, version }, product, camera] = await Promise.all([
    openDebianRoot(),
    buildDeb('amd64', { folder: packages, compression: 'none' }),
    openProduct(),
    openVirtualCamera({ gopSeconds: 0.5 }),
  ]);
  const told = await installed(root, file);
  expect(told).toContain('slowlight-agent enroll');
  expect(await root.run('slowlight-agent --version')).toBe(`${version}\n`);

  const cloud = await product.startControlPlane();
  const api = await product.logIn();
  const site = await api.send<{ id: string }>('POST', '/api/sites', { name: 'Mast', timeZone: 'Europe/Berlin' });
  const { command } = await api.send<{ command: string }>('POST', '/api/enrolments', {
    siteId: site.id,
    name: 'At the mast',
  });
  await root.run(command);
  expect(await root.run('stat -c "%U %a" /var/lib/slowlight-agent/identity.json')).toBe('slowlight 600\n');

  // The virtual camera stands on this machine's loopback, which agents do not dial unless they are told to.
  await appendFile(
    path.join(root.folder, 'etc/slowlight/agent.env'),
    'SLOWLIGHT_AGENT_CAMERA_NETWORKS=any,127.0.0.0/8\nSLOWLIGHT_AGENT_TRUST_CLOCK=yes\n',
  );
  const agent = root.start(asTheUnitSays());
  const agentId = await until('the agent shows itself', async () => {
    const { items } = await api.get<PageOf<{ id: string; name: string; state: string }>>('/api/agents');
    return items.find(({ name, state }) => name === 'At the mast' && state === 'online')?.id;
  });
  const { id: cameraId } = await api.send<CameraView>('POST', '/api/cameras', {
    agentId,
    name: 'Gate',
    source: { kind: 'rtsp', url: camera.url },
  });
  const timelapse = await api.send<TimelapseView>('POST', '/api/timelapses', {
    cameraId,
    name: 'Gate',
    schedule: { rhythm: { kind: 'interval', everyMs: 1000 }, timeZone: 'UTC' },
  });
  const framesOf = async () => (await api.get<TimelapseView>(`/api/timelapses/${timelapse.id}`)).frames;
  await until('pictures arrive', async () => (await framesOf()) > 1, 60_000);

  // The line to the site is down; pictures gather on the card.
  await cloud.stop();
  const waiting = async () =>
    (JSON.parse(await root.run('slowlight-agent status --json')) as { backlog: { frames: number } }).backlog.frames;
  await until('pictures gather', async () => (await waiting()) > 2, 60_000);
  agent.child.kill('SIGKILL');
  await until('the agent is gone', () => agent.child.exitCode !== null || agent.child.signalCode !== null);
  const kept = await waiting();
  await installed(root, await asVersion(file, '99.0.0', packages));
  expect(await waiting()).toBe(kept);
  await installed(root, file);
  expect(await waiting()).toBe(kept);

  await product.startControlPlane();
  root.start(asTheUnitSays());
  await until('what was kept is recorded', async () => (await waiting()) === 0, 90_000);
  await root.run('apt-get purge -y -qq slowlight-agent');
  expect(await root.run('ls /var/lib/slowlight-agent')).toContain('identity.json');
});
