/** The page's chapter on the command line: everything but `run`, each verb with the rooms that it needs. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { frameId, nextSlot } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { openBuffer } from './buffer/open-buffer.ts';
import { readBuffer } from './buffer/read-buffer.ts';
import type { Asked } from './cli/arguments.ts';
import type { Terminal } from './cli/ask-password.ts';
import { examine, sayFinding } from './cli/doctor.ts';
import { type StatusReport, sayStatus } from './cli/say-status.ts';
import type { AgentConfig } from './config.ts';
import type { Log } from './frame.ts';
import { createDeviceClock } from './health/device-clock.ts';
import { type RunningState, readRunningFile } from './health/running-file.ts';
import { readIdentity } from './identity.ts';
import { captureOne, identityFile, judgeFile, openCapture, testCamera } from './wire-cli-cameras.ts';
import { doctorLooks } from './wire-doctor.ts';

export interface CliWorld extends Terminal {
  clock: Clock;
  log: Log;
  output: NodeJS.WritableStream;
}

const SLOTS_SHOWN = 3;

/** Everything that is not the process's own business. */
export type CliAsked = Exclude<Asked, { verb: 'run' | 'help' | 'version' | 'wrong' }>;

/** Gives the exit code. @throws Failure what went wrong, with what to do */
export async function runCli(asked: CliAsked, config: AgentConfig, world: CliWorld): Promise<number> {
  const folder = path.resolve(config.dataFolder);
  const say = (words: string, json: unknown) =>
    void world.output.write(asked.json ? `${JSON.stringify(json)}\n` : words);
  switch (asked.verb) {
    case 'status': {
      const report = await readStatus(config, folder, world.clock);
      say(sayStatus(report), report);
      return 0;
    }
    case 'doctor':
      return doctor(config, folder, { ...world, json: asked.json });
    case 'discover': {
      const { discover } = await import('./wire-discover.ts');
      return discover(asked, config, { ...world, say });
    }
    case 'enroll': {
      const { enrollDevice } = await import('./wire-enroll.ts');
      return enrollDevice(asked, config, world);
    }
    case 'test-camera':
      return testCamera(asked, config, { ...world, say });
    case 'capture':
      return captureOne(asked, config, { ...world, say });
    case 'judge':
      return judgeFile(asked, { say });
    case 'quarantine': {
      const buffer = readBuffer(folder);
      const list = buffer?.quarantined ?? [];
      buffer?.close();
      const lines = list.map(
        ({ frameId: id, takenAt, reason }) => `${id}  ${new Date(takenAt).toISOString()}  ${reason}\n`,
      );
      say(lines.length === 0 ? 'nothing is set aside\n' : lines.join(''), list);
      return 0;
    }
    case 'retry-quarantine': {
      const { agentId } = await readIdentity(identityFile(config, folder));
      const wanted = asked.frames.map((id) => frameId.parse(id));
      const buffer = await openBuffer(world, { folder, agentId, quarantineAfter: config.quarantineAfter });
      try {
        const frames = buffer.retryQuarantine(wanted.length === 0 ? 'all' : wanted);
        say(`${frames} frames are delivered anew when the agent runs\n`, { frames });
        return 0;
      } finally {
        buffer.close();
      }
    }
  }
}

/** The agent that works in this folder; one that was killed left its file behind, and its process is gone. */
async function readRunning(folder: string): Promise<RunningState | null> {
  const running = await readRunningFile(folder);
  return running !== null && existsSync(`/proc/${running.pid}`) ? running : null;
}

async function readStatus(config: AgentConfig, folder: string, clock: Clock): Promise<StatusReport> {
  const buffer = readBuffer(folder);
  try {
    const settings = buffer?.settings ?? null;
    const nameOf = (id: string) => settings?.cameras.find((camera) => camera.id === id)?.name ?? id;
    const identity = await readIdentity(identityFile(config, folder)).catch(() => null);
    return {
      agentId: identity?.agentId ?? null,
      running: await readRunning(folder),
      settingsVersion: settings?.version ?? null,
      site: settings?.siteName ?? null,
      cameras: (settings?.cameras ?? []).map(({ id, name, enabled }) => ({ id, name, enabled })),
      timelapses: (settings?.timelapses ?? []).map((timelapse) => {
        const settledUpTo = buffer?.cursor(timelapse.id) ?? null;
        const spans = buffer?.spans.filter((span) => span.timelapseId === timelapse.id && span.until === null) ?? [];
        const { id, name, state } = timelapse;
        const nextSlots = spans.flatMap((span) => slotsAfter(span, Math.max(clock.now(), (settledUpTo ?? 0) + 1)));
        return { id, name, camera: nameOf(timelapse.cameraId), state, settledUpTo, nextSlots };
      }),
      backlog: buffer?.backlog ?? { frames: 0, bytes: 0, quarantined: 0 },
      lastFrames: (buffer?.frames ?? []).map(({ cameraId, ...frame }) => ({ ...frame, camera: nameOf(cameraId) })),
    };
  } finally {
    buffer?.close();
  }
}

function slotsAfter(span: Parameters<typeof nextSlot>[0], from: number): number[] {
  const slots: number[] = [];
  for (let at = nextSlot(span, from); at !== null && slots.length < SLOTS_SHOWN; at = nextSlot(span, at + 1))
    slots.push(at);
  return slots;
}

async function doctor(config: AgentConfig, folder: string, world: CliWorld & { json: boolean }): Promise<number> {
  const { clock, output, json } = world;
  const buffer = existsSync(folder) ? readBuffer(folder) : null;
  const deviceClock = createDeviceClock(clock, { trustClock: config.trustClock });
  const capture = await openCapture(config, folder, world, null);
  try {
    const running = await readRunning(folder);
    const looks = doctorLooks({ clock, config, folder, deviceClock, running, buffer, capture });
    const findings = await examine(looks, (finding) => {
      if (!json) output.write(`${sayFinding(finding)}\n`);
    });
    if (json) output.write(`${JSON.stringify(findings)}\n`);
    return findings.some(({ state }) => state === 'bad') ? 1 : 0;
  } finally {
    await capture.close();
    buffer?.close();
  }
}
