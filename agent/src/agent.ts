/**
 * THE PAGE: introduces the rooms of the agent to each other. Two recipes share the buffer and nothing else: the schedule has
 * pictures taken into it, delivery brings them out of it.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AgentEventContent } from '@slowlight/protocol';
import { type Clock, createClosing } from '@slowlight/protocol/kit';
import { openBuffer } from './buffer/open-buffer.ts';
import type { AgentConfig } from './config.ts';
import type { Log } from './frame.ts';
import { createCameraHealth } from './health/camera-health.ts';
import { createDevice } from './health/device.ts';
import { createDeviceClock } from './health/device-clock.ts';
import { createDeviceReports } from './health/device-reports.ts';
import { openIdentity } from './identity.ts';
import { createCommands } from './obey-commands.ts';
import { openDataFolder, passwordOpener, readCertificates } from './open-files.ts';
import { createSchedule } from './schedule/schedule.ts';
import { createUplink } from './uplink/uplink.ts';
import { createUploader } from './uplink/upload.ts';
import { wireDelivering } from './wire-delivering.ts';
import { wireTaking } from './wire-taking.ts';

export interface Agent {
  /** Resolves when slots are being taken; rejects with what `run` rejects with when it does not come to that. */
  ready: Promise<void>;
  /**
   * Works until the signal aborts, then stops clean. To be called once.
   * @throws Failure when it cannot start: each says what to do
   */
  run(signal: AbortSignal): Promise<void>;
}

/** How long a picture that is asked for by hand may take, ms. */
const BY_HAND_MS = 25_000;
const CAPABILITIES = ['source.rtsp', 'source.test', 'command.capture-now', 'command.test-camera'];

export function createAgent(config: AgentConfig, { clock, log }: { clock: Clock; log: Log }): Agent {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {});
  return {
    ready: ready.promise,
    async run(signal) {
      try {
        await runAgent(config, { clock, log, onReady: ready.resolve }, signal);
      } catch (cause) {
        ready.reject(cause);
        throw cause;
      }
    },
  };
}

async function runAgent(
  config: AgentConfig,
  { clock, log, onReady }: { clock: Clock; log: Log; onReady: () => void },
  signal: AbortSignal,
): Promise<void> {
  // The pictures' libraries are the heaviest: they load while the buffer is opened.
  const pictures = loadPictureRooms();
  pictures.catch(() => {});
  const closing = createClosing();
  try {
    const folder = path.resolve(config.dataFolder);
    await openDataFolder(folder);
    const identity = await openIdentity(config.identityFile ?? path.join(folder, 'identity.json'));
    const ca = config.caFile === null ? null : await readCertificates(config.caFile);
    const { agentId } = identity;
    const { quarantineAfter } = config;

    const buffer = await openBuffer({ clock, log }, { folder, agentId, quarantineAfter });
    closing.push('the buffer', buffer.close);
    const tell = (event: AgentEventContent) => {
      buffer.tell(event);
      delivery.wake();
    };

    const deviceClock = createDeviceClock(clock, { trustClock: config.trustClock });
    const device = createDevice(clock, folder);
    const cameraHealth = createCameraHealth({ clock, log, tell });

    const { createCapture, createJudge, shapePicture } = await pictures;
    const capture = createCapture(
      { clock, moment: deviceClock.moment, unsealPassword: passwordOpener(identity.privateKey, log) },
      { ffmpegPath: config.ffmpeg, certificates: ca === null ? [] : [ca] },
    );
    closing.push('the cameras', capture.close);
    const judge = createJudge({
      onFailure: ({ code, message }) => log.error({ code }, `the judge failed, the frame is kept: ${message}`),
    });

    const { cameraOf, take } = wireTaking({
      clock,
      log,
      config,
      buffer,
      capture,
      shape: shapePicture,
      judge,
      cameraHealth,
      device,
      deviceClock,
      settings: () => schedule.settings(),
      wakeDelivery: () => delivery.wake(),
    });

    const schedule = createSchedule(
      {
        clock,
        log,
        spans: buffer.spans,
        spansOf: buffer.spansOf,
        cursor: buffer.cursor,
        applySpans(change, settings) {
          buffer.applySpans(change, settings);
          delivery.wake();
        },
        missed(range) {
          const settled = buffer.missed(range);
          delivery.wake();
          return settled;
        },
        onApplied({ cameras }) {
          const ids = cameras.map((camera) => camera.id);
          capture.keepOnly(ids);
          cameraHealth.keepOnly(ids);
          uplink.refreshStatus();
        },
        leadMs(timelapseId) {
          const camera = cameraOf({ kind: 'slot', slot: { timelapseId, dueAt: 0 } });
          return camera === null ? 0 : capture.leadMs(camera);
        },
        async take(slot, { deadlineAt }, until) {
          await take({ kind: 'slot', slot }, deadlineAt, until);
        },
      },
      buffer.settings(),
    );

    const commands = createCommands({
      clock,
      log,
      begin: buffer.beginCommand,
      tell,
      captureNow: ({ id, body }, until) =>
        take({ kind: 'by-hand', cameraId: body.cameraId, commandId: id }, clock.now() + BY_HAND_MS, until),
      async testCamera({ body }, until) {
        const camera = cameraOf({ kind: 'by-hand', cameraId: body.cameraId, commandId: null });
        if (camera === null)
          return {
            kind: 'refused',
            code: 'camera.not-found',
            hint: 'The agent does not know this camera yet: try again.',
          };
        const { kind, ...found } = await capture.probeCamera(camera, until);
        if (kind === 'ok') return { kind: 'answer', answer: found };
        const { code, hint } = found as { code: string; hint: string };
        return { kind: 'refused', code: `camera.${code}`, hint };
      },
    });

    const startedAt = clock.now();
    const uplink = createUplink(
      {
        clock,
        log,
        online: () => ({
          status: 'online',
          bootId: deviceClock.bootId,
          version: VERSION,
          startedAt,
          settingsVersion: schedule.settings()?.version ?? 0,
          capabilities: CAPABILITIES,
          publicKey: identity.publicKey,
        }),
        onReceipt(receipt) {
          deviceClock.compare(receipt.serverTime);
          delivery.onReceipt(receipt);
        },
        onGrants: (message) => delivery.onGrants(message),
        onListening: (listening) => delivery.onListening(listening),
        onCut: () => delivery.onCut(),
        onSettings: schedule.apply,
        onCommand: commands.obey,
      },
      { url: config.brokerUrl ?? identity.brokerUrl, agentId, secret: identity.secret, ca },
    );

    const uploader = createUploader(clock, { timeoutMs: config.uploadTimeoutMs, atOnce: config.uploadsAtOnce, ca });
    closing.push('the uploads', uploader.close);
    const delivery = wireDelivering({ clock, log, config, buffer, publish: uplink.publish, upload: uploader.upload });
    const reports = createDeviceReports(
      {
        clock,
        log,
        device,
        clockState: deviceClock.state,
        uptimeMs: deviceClock.uptimeMs,
        backlog: buffer.backlog,
        stillTelling: buffer.stillTelling,
        tell,
      },
      { everyMs: config.reportEveryMs, ffmpeg: config.ffmpeg },
    );

    const { frames, quarantined } = buffer.backlog();
    log.info({ agent: agentId, settings: schedule.settings()?.version ?? 0, frames, quarantined }, 'the agent works');
    onReady();
    await allOrNone([schedule.run, commands.run, reports, delivery.run, uplink.run], signal);
  } finally {
    await closing.close();
  }
}

/** Runs them side by side; where one breaks, which none should, all stop. */
async function allOrNone(
  running: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const broken = new AbortController();
  const either = AbortSignal.any([signal, broken.signal]);
  const ends = await Promise.allSettled(
    running.map(async (run) => {
      try {
        await run(either);
      } catch (cause) {
        broken.abort();
        throw cause;
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function loadPictureRooms() {
  const [{ createCapture }, { createJudge }, { shapePicture }] = await Promise.all([
    import('./capture/capture.ts'),
    import('./quality/judge.ts'),
    import('./quality/shape-picture.ts'),
  ]);
  return { createCapture, createJudge, shapePicture };
}

const VERSION = String(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
