/** The programs that Slowlight calls: looked for, installed where that is possible, else named with the one command to run. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const known = {
  ffmpeg: { packages: ['ffmpeg'], find: () => ['ffmpeg', 'ffprobe'].every(onPath) },
  mosquitto: { packages: ['mosquitto'], find: () => onPath('mosquitto') },
  postgres: {
    packages: ['postgresql'],
    find: () => onPath('postgres') || folderHas('/usr/lib/postgresql', 'bin/postgres'),
  },
  chromium: {
    packages: ['chromium'],
    find: () => onPath('chromium') || onPath('chromium-browser') || onPath('google-chrome'),
  },
  debootstrap: { packages: ['debootstrap'], find: () => onPath('debootstrap') || existsSync('/usr/sbin/debootstrap') },
  dpkg: { packages: ['dpkg'], find: () => onPath('dpkg-deb') },
  strace: { packages: ['strace'], find: () => onPath('strace') },
};

/**
 * @param {string[]} needed without these the command cannot work
 * @param {string[]} wished with these it does more; missing ones are named, not installed
 * @returns {boolean} whether all the needed ones are there now
 */
export function ensurePrograms(needed, wished) {
  for (const name of wished.filter((wish) => !needed.includes(wish) && !known[wish].find()))
    console.log(
      `Not here: ${name}. What needs it is reported as not run. To have it: sudo apt-get install ${known[name].packages.join(' ')}`,
    );
  const missing = needed.filter((name) => !known[name].find());
  if (missing.length === 0) return true;
  const packages = missing.flatMap((name) => known[name].packages);
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!isDebian() || process.getuid?.() !== 0) {
    const how = isDebian() ? `sudo ${command}` : `your system's package manager (${packages.join(', ')})`;
    console.error(
      `Slowlight needs ${missing.join(', ')}, which is not installed. Install it with:\n\n    ${how}\n\nand run the same command again.`,
    );
    return false;
  }
  console.log(`Installing ${missing.join(', ')} with: ${command}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Package lists may be old or absent; a failed refresh is told by the installation itself.
  spawnSync('apt-get', ['update', '-qq'], { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  const list = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '-qq', '--no-install-recommends', ...packages];
  spawnSync('apt-get', list, { stdio: ['ignore', 'ignore', 'inherit'], env: environment });
  const still = missing.filter((name) => !known[name].find());
  if (still.length === 0) return true;
  console.error(
    `${still.join(', ')} could not be installed; the lines above say why. Install it by hand and run the same command again.`,
  );
  return false;
}

function onPath(program) {
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((folder) => folder !== '' && existsSync(path.join(folder, program)));
}

function folderHas(folder, file) {
  return existsSync(folder) && readdirSync(folder).some((version) => existsSync(path.join(folder, version, file)));
}

/** Debian and what comes from it: Ubuntu, Raspberry Pi OS. */
function isDebian() {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu|raspbian)/m.test(readFileSync('/etc/os-release', 'utf8')) && onPath('apt-get');
  } catch {
    return false;
  }
}
