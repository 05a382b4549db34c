/** Whether the packages of the lock file are installed, and installing them when they are not. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/** The pinned run time, installed as an npm package, so that the machine's own Node does not matter. */
export function runtime(root) {
  return path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** A file of an installed package, relative to the root. */
export function tool(name, file) {
  return path.join('node_modules', name, file);
}

/** True when everything is in place; says on the terminal what it does, and what to do where it cannot. */
export async function ensureDependencies(root) {
  if (isInstalled(root)) return true;
  console.log('Installing the packages that Slowlight is made of (once; about a minute) …');
  const npm = process.env.npm_execpath;
  const [program, args] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  // Not `npm ci`: it refuses a lock file that lacks the optional binaries of other platforms, which npm drops from it
  // wherever a registry does not serve them. `--no-save` keeps to the versions of the lock file and leaves it alone.
  const list = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = spawnSync(program, [...args, ...list], { cwd: root, stdio: 'inherit', shell: false });
  if (done.status === 0 && isInstalled(root)) return true;
  console.error(
    'The packages could not be installed; the lines above say why. Usually the network is away: run the same command again when it is back.',
  );
  return false;
}

function isInstalled(root) {
  const installed = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed) || !existsSync(runtime(root))) return false;
  const wanted = readPackages(path.join(root, 'package-lock.json'));
  const present = readPackages(installed);
  return Object.entries(wanted).every(
    ([place, entry]) =>
      place === '' ||
      entry.link ||
      !place.startsWith('node_modules/') ||
      entry.optional ||
      entry.devOptional ||
      entry.peer ||
      present[place]?.version === entry.version,
  );
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}
