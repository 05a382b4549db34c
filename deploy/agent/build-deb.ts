/**
 * `npm run package -- [arm64|amd64 …]`: builds the agent's Debian package for each architecture (both, when none is named).
 * Promise: the package carries its own Node and everything else that it is made of, as the lock file says; it needs ffmpeg
 * and nothing else of the system that it is installed on. Nothing is compiled, so any machine builds both.
 */
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runHere } from './run-here.ts';

export type Architecture = 'amd64' | 'arm64';
/** As npm names them. */
const CPU: Readonly<Record<Architecture, string>> = { amd64: 'x64', arm64: 'arm64' };
const ROOT = path.resolve(import.meta.dirname, '../..');
/** Where the package lives on the device. */
const HOME = 'usr/lib/slowlight-agent';

export interface BuiltPackage {
  file: string;
  version: string;
  architecture: Architecture;
}

/**
 * Builds one package into `folder`.
 * @param options `version`: of the package; left out: the agent's own; `compression`: none is quick, and three times as large
 * @throws Error when npm, tar or dpkg-deb fail; what they said is part of it
 */
export async function buildDeb(
  architecture: Architecture,
  { folder, version: asked, compression = 'xz' }: { folder: string; version?: string; compression?: 'xz' | 'none' },
): Promise<BuiltPackage> {
  const staging = await mkdtemp(path.join(tmpdir(), 'slowlight-deb-'));
  try {
    const version = asked ?? (await readJson('agent/package.json')).version;
    const tree = path.join(staging, 'tree');
    await layProgram(tree, architecture, path.join(staging, 'install'));
    await layRunTime(tree, architecture, staging);
    await layControl(tree, { architecture, version });
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, `slowlight-agent_${version}_${architecture}.deb`);
    await runHere('dpkg-deb', ['--build', '--root-owner-group', `-Z${compression}`, tree, file], staging);
    return { file, version, architecture };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** The sources as they are, and beside them the packages that they need in production. */
async function layProgram(tree: string, architecture: Architecture, install: string): Promise<void> {
  const manifests = ['agent', 'protocol', 'control-plane', 'control-plane/dashboard', 'deploy', 'test'];
  for (const name of manifests) {
    await mkdir(path.join(install, name), { recursive: true });
    await copyFile(path.join(ROOT, name, 'package.json'), path.join(install, name, 'package.json'));
  }
  for (const name of ['package.json', 'package-lock.json', '.npmrc'])
    await copyFile(path.join(ROOT, name), path.join(install, name));
  const only = ['--workspace', 'agent', '--workspace', 'protocol', '--omit=dev'];
  const target = ['--os=linux', `--cpu=${CPU[architecture]}`, '--libc=glibc'];
  const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  await runHere('npm', ['install', ...only, ...target, ...quiet], install);

  const home = path.join(tree, HOME);
  await mkdir(home, { recursive: true });
  await cp(path.join(install, 'node_modules'), path.join(home, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  for (const name of ['agent', 'protocol']) {
    await mkdir(path.join(home, name), { recursive: true });
    await copyFile(path.join(ROOT, name, 'package.json'), path.join(home, name, 'package.json'));
    await cp(path.join(ROOT, name, 'src'), path.join(home, name, 'src'), { recursive: true });
  }
  await leaveOut(home, architecture);
}

/** What only other machines, or those who compile, would need. */
async function leaveOut(home: string, architecture: Architecture): Promise<void> {
  const modules = path.join(home, 'node_modules');
  const prebuilds = path.join(modules, 'better-sqlite3/prebuilds');
  const ours = `linux-${CPU[architecture]}.node`;
  const others = (await readdir(prebuilds)).filter((name) => name !== ours).map((name) => path.join(prebuilds, name));
  const sources = ['better-sqlite3/deps', 'better-sqlite3/src', 'fluent-ffmpeg/coverage', '.bin', '.package-lock.json'];
  const foreign = ['control-plane', 'dashboard', 'deploy', 'test'].map((name) => `@slowlight/${name}`);
  for (const one of [...others, ...[...sources, ...foreign].map((name) => path.join(modules, name))])
    await rm(one, { recursive: true, force: true });
}

/** The run time that this repository pins, for the device's architecture. */
async function layRunTime(tree: string, architecture: Architecture, staging: string): Promise<void> {
  const { devDependencies } = await readJson('package.json');
  const name = `node-linux-${CPU[architecture]}@${devDependencies.node}`;
  const archive = (await runHere('npm', ['pack', name, '--silent', '--loglevel=error'], staging))
    .trim()
    .split('\n')
    .at(-1);
  if (archive === undefined || archive === '') throw new Error(`${name} could not be had from the package registry`);
  await runHere('tar', ['-xzf', archive, 'package/bin/node', 'package/LICENSE'], staging);
  const bin = path.join(tree, HOME, 'bin');
  await mkdir(bin, { recursive: true });
  await copyFile(path.join(staging, 'package/bin/node'), path.join(bin, 'node'));
  await runHere('chmod', ['0755', path.join(bin, 'node')], staging);
  const papers = path.join(tree, 'usr/share/doc/slowlight-agent');
  await mkdir(papers, { recursive: true });
  await copyFile(path.join(staging, 'package/LICENSE'), path.join(papers, 'LICENSE.node'));
  await copyFile(path.join(ROOT, 'LICENSE'), path.join(papers, 'copyright'));
}

/** What dpkg reads, and the files that are the system's. */
async function layControl(tree: string, { architecture, version }: { architecture: Architecture; version: string }) {
  const own = path.join(import.meta.dirname, 'debian');
  const put = async (from: string, to: string, mode: string) => {
    const target = path.join(tree, to);
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(from, target);
    await runHere('chmod', [mode, target], tree);
  };
  await put(
    path.join(import.meta.dirname, 'slowlight-agent.service'),
    'usr/lib/systemd/system/slowlight-agent.service',
    '0644',
  );
  await put(path.join(own, 'slowlight-agent'), 'usr/bin/slowlight-agent', '0755');
  await put(path.join(ROOT, 'agent/env.example'), 'usr/share/doc/slowlight-agent/env.example', '0644');
  await put(path.join(own, 'agent.env'), 'etc/slowlight/agent.env', '0644');
  for (const script of ['postinst', 'prerm', 'postrm']) await put(path.join(own, script), `DEBIAN/${script}`, '0755');
  await put(path.join(own, 'conffiles'), 'DEBIAN/conffiles', '0644');
  const kilobytes = (await runHere('du', ['-sk', '--exclude=DEBIAN', tree], tree)).split('\t')[0] ?? '0';
  const control = (await readFile(path.join(own, 'control'), 'utf8'))
    .replace('@VERSION@', version)
    .replace('@ARCHITECTURE@', architecture)
    .replace('@SIZE@', kilobytes);
  await writeFile(path.join(tree, 'DEBIAN/control'), control);
  // As a device has it, whatever the umask of whoever builds.
  await runHere('chmod', ['-R', 'u=rwX,go=rX', path.join(tree, 'usr'), path.join(tree, 'etc')], tree);
}

async function readJson(name: string): Promise<{ version: string; devDependencies: { node: string } }> {
  return JSON.parse(await readFile(path.join(ROOT, name), 'utf8'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2);
  const wrong = asked.filter((name) => !Object.hasOwn(CPU, name));
  if (wrong.length > 0) {
    console.error(
      `"${wrong.join(' ')}" is no architecture that can be built. There are: ${Object.keys(CPU).join(', ')}.`,
    );
    process.exit(2);
  }
  const folder = path.join(import.meta.dirname, 'dist');
  for (const architecture of (asked.length > 0 ? asked : Object.keys(CPU)) as Architecture[]) {
    const { file } = await buildDeb(architecture, { folder });
    console.log(path.relative(process.cwd(), file));
  }
}
