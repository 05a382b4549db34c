/**
 * THE PAGE: introduces the rooms of the agent to each other. Two recipes share the buffer and nothing else: the schedule has
 * pictures taken into it, delivery brings them out of it.
 */
import path from 'node:path';
import type { AgentEventContent } from '@slowlight/protocol';
import { type Clock, createClosing, createPulse, messageOf } from '@slowlight/protocol/kit';
import { allOrNone } from './all-or-none.ts';
import { openBuffer } from './buffer/open-buffer.ts';
import { ownAddresses } from './capture/own-addresses.ts';
import { createGarbageCollection } from './collect-garbage.ts';
import type { LevelSwitch } from './commands/log-level.ts';
import type { AgentConfig } from './config.ts';
import type { Log } from './frame.ts';
import { createCameraHealth } from './health/camera-health.ts';
import { createClockWatch } from './health/clock-watch.ts';
import { createDevice } from './health/device.ts';
import { createDeviceClock } from './health/device-clock.ts';
import { openIdentity } from './identity.ts';
import { createLogins } from './logins.ts';
import { bothOf, openDataFolder, passwordOpener, readCertificates } from './open-files.ts';
import { loadPictureRooms } from './picture-rooms.ts';
import { createSchedule } from './schedule/schedule.ts';
import { createUplink } from './uplink/uplink.ts';
import { createUploader } from './uplink/upload.ts';
import { createUploadBounds } from './upload-bounds.ts';
import { VERSION } from './version.ts';
import { COMMAND_CAPABILITIES, cameraFinder, wireCommands } from './wire-commands.ts';
import { wireDelivering } from './wire-delivering.ts';
import { wireHealth } from './wire-health.ts';
import { wireJudging } from './wire-judging.ts';
import { wireTaking } from './wire-taking.ts';

export interface Agent {
  /** Resolves when slots are being taken; rejects with what `run` rejects with when it does not come to that. */
  ready: Promise<void>;
  /**
   * Works until the signal aborts, then stops clean. To be called once.
   * @throws Failure when it cannot start: each says what to do
   */
  run(signal: AbortSignal): Promise<void>;
  /** Whether `run` ended because somebody asked for a restart: then it wants to be started again. */
  restartAsked(): boolean;
}

const CAPABILITIES = ['source.rtsp', 'source.snapshot', 'source.mjpeg', 'source.test', ...COMMAND_CAPABILITIES];

export interface AgentWorld {
  /** The system's. */
  clock: Clock;
  /** Files whose presence says that the system's clock is right; nothing: those of this system's time services. */
  synchronisedFiles?: readonly string[] | undefined;
  log: Log;
  /** What `log` lets through. */
  level: LevelSwitch;
}
type Running = AgentWorld & { onReady: () => void; onRestart: () => void };

export function createAgent(config: AgentConfig, world: AgentWorld): Agent {
  const ready = Promise.withResolvers<void>();
  const restart = new AbortController();
  ready.promise.catch(() => {});
  return {
    ready: ready.promise,
    restartAsked: () => restart.signal.aborted,
    async run(signal) {
      try {
        const running = { ...world, onReady: ready.resolve, onRestart: () => restart.abort() };
        await runAgent(config, running, AbortSignal.any([signal, restart.signal]));
      } catch (cause) {
        ready.reject(cause);
        throw cause;
      }
    },
  };
}

async function runAgent(
  config: AgentConfig,
  { clock: system, synchronisedFiles, log, level, onReady, onRestart }: Running,
  signal: AbortSignal,
): Promise<void> {
  // The pictures' libraries are the heaviest: they load while the buffer is opened.
  const pictures = loadPictureRooms();
  pictures.catch(() => {});
  const closing = createClosing();
  try {
    const folder = path.resolve(config.dataFolder);
    await openDataFolder(folder);
    const identityFile = config.identityFile ?? path.join(folder, 'identity.json');
    const identity = await openIdentity(identityFile);
    const logins = createLogins({ log }, identityFile, identity);
    const cameraCa = config.caFile === null ? null : await readCertificates(config.caFile);
    const ca = bothOf(cameraCa, identity.ca ?? null);
    const { agentId, firstSeq = 1 } = identity;
    const { quarantineAfter, mostQuarantined } = config;

    const deviceClock = createDeviceClock(system, { trustClock: config.trustClock, synchronisedFiles });
    const { clock } = deviceClock;
    const buffer = await openBuffer({ clock, log }, { folder, agentId, firstSeq, quarantineAfter, mostQuarantined });
    closing.push('the buffer', buffer.close);
    const tell = (event: AgentEventContent) => {
      buffer.tell(event);
      delivery.wake();
    };

    const device = createDevice(clock, folder);
    const pulse = createPulse(clock);
    const cameraHealth = createCameraHealth({ clock, log, tell });

    const { createCapture, createJudge, decodeJpeg, shapePicture, shrinkPicture } = await pictures;
    const capture = createCapture(
      { clock, log, moment: deviceClock.moment, unsealPassword: passwordOpener(identity.privateKey, log), decodeJpeg },
      { ffmpegPath: config.ffmpeg, certificates: cameraCa === null ? [] : [cameraCa], ...config.capture },
    );
    closing.push('the cameras', capture.close);
    const judge = createJudge({
      onFailure: ({ code, message }) => log.error({ code }, `the judge failed, the frame is kept: ${message}`),
    });

    const judging = wireJudging({ clock, log, pasts: buffer.pasts, tell });

    const { cameraOf, take } = wireTaking({
      clock,
      log,
      config,
      buffer,
      capture,
      shape: shapePicture,
      judge,
      ...judging,
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
        pulse,
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
          judging.keepOnly(ids);
          uplink.refreshStatus();
        },
        holdMs: () => (deviceClock.state() === 'synchronised' ? 0 : config.clockHoldMs - deviceClock.uptimeMs()),
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

    const commands = wireCommands({
      clock,
      log,
      level,
      buffer,
      capture,
      shape: shapePicture,
      judge,
      resetCamera: judging.degraded.reset,
      shrinkPicture,
      cameraOf,
      take,
      tell,
      sendStill: (still) => uplink.sendStill(still),
      wakeDelivery: () => delivery.wake(),
      backlog: () => delivery.backlog(),
      takeCredential: logins.take,
      findCameras: cameraFinder({ clock, agentId, privateKey: identity.privateKey, networks: config.capture.networks }),
      reconnect: () => uplink.reconnect(),
      restart: onRestart,
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
          credentialId: logins.credentialId(),
        }),
        onReceipt(receipt) {
          deviceClock.compare(receipt.serverTime);
          delivery.onReceipt(receipt);
        },
        onGrants: (message) => delivery.onGrants(message),
        onListening(listening) {
          delivery.onListening(listening);
          if (listening) logins.accepted().catch((thrown: unknown) => log.warn({}, messageOf(thrown)));
        },
        onRefused: logins.refused,
        onCut: () => delivery.onCut(),
        onSettings: schedule.apply,
        onCommand: commands.obey,
        onLine: () => health.onLine(),
        pulse,
      },
      { url: config.brokerUrl ?? identity.brokerUrl, agentId, login: logins.login, ca },
    );

    const bounds = createUploadBounds({ named: config.uploadNetworks, peer: uplink.peer, own: ownAddresses });
    const { uploadTimeoutMs: timeoutMs, uploadsAtOnce: atOnce } = config;
    const uploader = createUploader(clock, { timeoutMs, atOnce, ca, mayReach: bounds.allow });
    closing.push('the uploads', uploader.close);
    const { publish } = uplink;
    const { settings } = schedule;
    const delivery = wireDelivering({ clock, log, config, buffer, publish, upload: uploader.upload, settings, pulse });
    const health = wireHealth({
      clock,
      log,
      config,
      folder,
      buffer,
      capture,
      cameraHealth,
      device,
      deviceClock,
      pulse,
      settings,
      backlog: delivery.backlog,
      logLevel: level.get,
      state: () => ({ pid: process.pid, version: VERSION, startedAt, connection: uplink.connection() }),
      tell,
      restart: onRestart,
    });
    closing.push('the watch over the event loop', health.close);

    if (buffer.holdsUntrusted(deviceClock.bootId)) deviceClock.oweCorrection();
    const clockWatch = createClockWatch({
      clock,
      log,
      bootId: deviceClock.bootId,
      news: deviceClock.news,
      trusted: () => deviceClock.state() === 'synchronised',
      settledUpTo: () =>
        buffer
          .spans()
          .filter((span) => span.until === null)
          .map(({ timelapseId }) => ({ timelapseId, until: buffer.cursor(timelapseId) ?? 0 })),
      tell,
    });

    const { frames, quarantined } = buffer.backlog();
    log.info({ agent: agentId, settings: schedule.settings()?.version ?? 0, frames, quarantined }, 'the agent works');
    onReady();
    const loops = [schedule.run, ...commands.loops, ...health.loops, clockWatch, delivery.run, uplink.run];
    await allOrNone([...loops, createGarbageCollection(clock)], signal);
  } finally {
    await closing.close();
  }
}
