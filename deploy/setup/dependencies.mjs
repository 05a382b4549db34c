/** Whether the packages of the lock file are installed, and installing them when they are not. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

/** From this Node on, everything can be installed by it; older ones make npm leave out native parts that they could not run. */
const INSTALLER_NODE = 24;

/** True when everything is in place; says on the terminal what it does, and what to do where it cannot. */
export function ensureDependencies(root) {
  if (isInstalled(root)) return true;
  console.log('Installing the packages that Slowlight is made of (once; about a minute) …');
  const newer = Number(process.versions.node.split('.')[0]) >= INSTALLER_NODE ? null : installRuntime(root);
  try {
    if (newer !== undefined && npm(newer?.program ?? process.execPath, root) && isInstalled(root)) return true;
  } finally {
    if (newer) rmSync(newer.folder, { recursive: true, force: true });
  }
  console.error(
    'The packages could not be installed; the lines above say why. Usually the network is away: run the same command again when it is back.',
  );
  return false;
}

/** The pinned run time alone, in a folder that goes again: npm runs in it for the rest. Undefined where it cannot be had. */
function installRuntime(root) {
  const { node } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).devDependencies;
  const folder = mkdtempSync(path.join(tmpdir(), 'slowlight-setup-'));
  const program = runtime(folder);
  if (npm(process.execPath, folder, [`node@${node}`]) && existsSync(program)) return { folder, program };
  rmSync(folder, { recursive: true, force: true });
  return undefined;
}

/**
 * Runs npm with a certain Node. Not `npm ci`: it refuses a lock file that lacks the optional binaries of other platforms,
 * which npm drops from it wherever a registry does not serve them. `--no-save` keeps to the versions of the lock file and
 * leaves it alone.
 */
function npm(node, folder, packages = []) {
  const list = ['install', ...packages, '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const own = process.env.npm_execpath;
  const [program, args] = own === undefined ? ['npm', list] : [node, [own, ...list]];
  const places = [path.dirname(node), process.env.PATH ?? ''].join(path.delimiter);
  const done = spawnSync(program, args, {
    cwd: folder,
    stdio: 'inherit',
    shell: false,
    env: { ...process.env, PATH: places },
  });
  return done.status === 0;
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
