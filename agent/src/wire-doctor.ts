/** The page's chapter on the doctor: which looks there are, and the rooms that can tell. */

import { lookup } from 'node:dns/promises';
import { constants, existsSync } from 'node:fs';
import { access, mkdtemp, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { topics } from '@slowlight/protocol';
import { type Clock, messageOf, runProgram, systemCode, writeDurably } from '@slowlight/protocol/kit';
import type { ReadBuffer } from './buffer/read-buffer.ts';
import type { CaptureRoom } from './capture/capture.ts';
import { bad, type Finding, judgeDisk, judgeFfmpeg, judgeSpace, type Look, ok, type Seen, warn } from './cli/doctor.ts';
import type { AgentConfig } from './config.ts';
import { createDevice, diskFloorBytes, ffmpegVersion } from './health/device.ts';
import type { DeviceClock } from './health/device-clock.ts';
import { readNetwork } from './health/network.ts';
import type { RunningState } from './health/running-file.ts';
import { createThrottling } from './health/throttling.ts';
import { readIdentity } from './identity.ts';
import { readCertificates } from './open-files.ts';

export interface DoctorParts {
  clock: Clock;
  config: AgentConfig;
  folder: string;
  deviceClock: DeviceClock;
  /** Of the agent that works in this folder; null: none does. */
  running: RunningState | null;
  buffer: ReadBuffer | null;
  capture: CaptureRoom;
}

const LARGE_BYTES = 8 * 1024 * 1024;
const LONGEST_LOOK_MS = 40_000;

export function doctorLooks(parts: DoctorParts): Look[] {
  const { clock, config, folder, deviceClock, running } = parts;
  const identityFile = config.identityFile ?? path.join(folder, 'identity.json');
  const never = new AbortController().signal;
  return [
    { what: 'data directory', look: () => lookAtFolder(folder) },
    { what: 'card speed', look: async () => (existsSync(folder) ? measureDisk(folder, clock) : NO_FOLDER) },
    {
      what: 'card space',
      async look() {
        if (!existsSync(folder)) return NO_FOLDER;
        const { diskFreeBytes, diskTotalBytes } = await createDevice(clock, folder).condition();
        const floorBytes = diskFloorBytes(diskTotalBytes, config.keepFree);
        return judgeSpace({ freeBytes: diskFreeBytes, totalBytes: diskTotalBytes, floorBytes });
      },
    },
    { what: 'identity', look: () => lookAtIdentity(identityFile) },
    {
      what: 'ffmpeg',
      async look() {
        const version = await ffmpegVersion(config.ffmpeg, clock, never);
        if (version === null) return judgeFfmpeg(null, '');
        const args = ['-hide_banner', '-decoders'];
        const run = await runProgram({ program: config.ffmpeg, args, clock, deadlineMs: 10_000, signal: never });
        return judgeFfmpeg(version, run.output.toString('utf8'));
      },
    },
    {
      what: 'clock',
      async look() {
        const { source } = deviceClock.about();
        if (source === 'ntp') return ok('set by the time service of the system');
        if (source === 'user') return ok('trusted, as SLOWLIGHT_AGENT_TRUST_CLOCK says');
        const todo =
          'Switch a time service on (sudo timedatectl set-ntp true). Until then the control plane’s time is what counts.';
        return warn(`${new Date(clock.now()).toISOString()}, and no time service says that this is right`, todo);
      },
    },
    { what: 'power and heat', look: () => lookAtPower(parts) },
    {
      what: 'network',
      async look() {
        const up = (await readNetwork()).filter((one) => one.up);
        if (up.length === 0) return warn('no interface is up', 'Plug the cable in, or look at the radio’s settings.');
        return ok(
          up
            .map(({ name, linkPercent }) => (linkPercent === undefined ? name : `${name} (${linkPercent} %)`))
            .join(', '),
        );
      },
    },
    { what: 'broker', look: () => lookAtBroker(parts, identityFile) },
    {
      what: 'process',
      look: async () =>
        running === null
          ? warn(
              'no agent works in this data directory',
              'Start it: slowlight-agent, or systemctl start slowlight-agent.',
            )
          : ok(`process ${running.pid}, since ${new Date(running.startedAt).toISOString()}`),
    },
    { what: 'cameras', look: () => lookAtCameras(parts) },
  ];
}

const NO_FOLDER = warn('not looked at', 'See the data directory above.');

async function lookAtFolder(folder: string): Promise<Seen> {
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(folder);
  } catch (cause) {
    const code = systemCode(cause);
    const todo = 'Name the right one with SLOWLIGHT_AGENT_DATA, and give the agent’s user the right to write there.';
    return bad(code === 'ENOENT' ? `${folder} is not there` : `${folder} cannot be written to (${code})`, todo);
  }
}

async function measureDisk(folder: string, clock: Clock): Promise<Seen> {
  const place = await mkdtemp(path.join(folder, 'doctor-'));
  try {
    const timed = async (bytes: number) => {
      const since = clock.monotonicMs();
      await writeDurably(path.join(place, `file-${bytes}`), Buffer.alloc(bytes, 0x5a));
      return Math.max(0.01, clock.monotonicMs() - since);
    };
    await timed(1);
    const syncMs = await timed(4096);
    const largeMs = await timed(LARGE_BYTES);
    return judgeDisk({ syncMs, bytesPerSecond: (LARGE_BYTES / largeMs) * 1000 });
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function lookAtIdentity(file: string): Promise<Seen> {
  const { agentId } = await readIdentity(file);
  const { mode } = await stat(file);
  if ((mode & 0o077) !== 0)
    return warn(`${agentId}; others may read ${file}`, `It holds the agent’s secret: chmod 600 ${file}`);
  return ok(agentId);
}

async function lookAtPower({ clock, config, folder }: DoctorParts): Promise<Seen> {
  const throttling = await createThrottling(clock)(new AbortController().signal);
  const place = existsSync(folder) ? folder : path.parse(folder).root;
  const { temperatureCelsius } = await createDevice(clock, place).condition();
  const heat = temperatureCelsius === null ? 'no sensor' : `${Math.round(temperatureCelsius)} °C`;
  if (temperatureCelsius !== null && temperatureCelsius >= config.tooHotCelsius)
    return bad(heat, `From ${config.tooHotCelsius} °C on no picture is taken: give the device shade and air.`);
  if (throttling === null) return ok(`${heat}; this device does not tell of its power supply`);
  if (throttling.now.length > 0) return bad(`${heat}; now: ${throttling.now.join(', ')}`, HOW_TO_POWER);
  if (throttling.sinceBoot.length > 0)
    return warn(`${heat}; since the start: ${throttling.sinceBoot.join(', ')}`, HOW_TO_POWER);
  return ok(`${heat}, power as it should be`);
}
const HOW_TO_POWER =
  'Under-voltage: use the maker’s power supply and a short cable. Temperature: give it shade and air.';

async function lookAtBroker({ config, running }: DoctorParts, identityFile: string): Promise<Seen | Finding[]> {
  const { agentId, secret, brokerUrl } = await readIdentity(identityFile);
  const url = config.brokerUrl ?? brokerUrl;
  const { hostname } = new URL(url);
  try {
    await lookup(hostname.replace(/^\[|\]$/g, ''));
  } catch (cause) {
    const todo = 'Look at the network’s name server (resolvectl status), or at the address in the identity file.';
    return bad(`the name ${hostname} is not known (${systemCode(cause) ?? messageOf(cause)})`, todo);
  }
  if (running !== null) {
    // A second login with the same id would throw the agent out.
    const { state, reason } = running.connection;
    if (state === 'listening') return ok(`${url}: connected, the control plane listens`);
    return state === 'connected'
      ? warn(`${url}: connected, the control plane does not listen`, 'Look whether the control plane runs.')
      : bad(`${url}: ${reason ?? 'no connection'}`, 'The agent’s log says what to do; pictures go on being taken.');
  }
  const { connect } = await import('./uplink/connect.ts');
  const ca = config.caFile === null ? null : await readCertificates(config.caFile);
  const willTopic = topics.agentStatus(agentId);
  const client = await connect(
    { url, username: agentId, secret, ca, willTopic, will: '' },
    AbortSignal.timeout(LONGEST_LOOK_MS),
  );
  await client.endAsync();
  return ok(`${url}: logged in as ${agentId}`);
}

async function lookAtCameras({ buffer, capture }: DoctorParts): Promise<Finding[]> {
  const cameras = buffer?.settings?.cameras.filter(({ enabled }) => enabled) ?? [];
  if (cameras.length === 0)
    return [
      {
        what: 'cameras',
        ...warn('the settings hold none', 'Add one on the dashboard; the agent must have been online since.'),
      },
    ];
  const findings: Finding[] = [];
  for (const camera of cameras) {
    const what = camera.name.slice(0, 40);
    const probe = await capture.probeCamera(camera, AbortSignal.timeout(LONGEST_LOOK_MS));
    if (probe.kind === 'failed') findings.push({ what, ...bad(probe.code, probe.hint) });
    else
      findings.push({
        what,
        ...ok(`${probe.widthPx} × ${probe.heightPx}, ${probe.codec}, first picture after ${probe.ms} ms`),
      });
  }
  return findings;
}
