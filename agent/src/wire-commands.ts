/** The page's chapter on commands: what people ask for, and the verb of the house that does it. */
import type { AgentEventContent, AgentId, CameraSettings, CredentialId, Still } from '@slowlight/protocol';
import { discoverContext, MOST_STILL_BYTES, MOST_STILL_PX } from '@slowlight/protocol';
import { type Clock, toFailure, unseal } from '@slowlight/protocol/kit';
import type { FrameBuffer } from './buffer/open-buffer.ts';
import type { CaptureRoom } from './capture/capture.ts';
import { type CommandAnswer, type CommandOf, createCommands } from './commands/commands.ts';
import { createLogLevel, type LevelSwitch } from './commands/log-level.ts';
import { createStills } from './commands/stills.ts';
import { createTestShot, unknownCamera } from './commands/test-shot.ts';
import type { FoundList } from './find-cameras.ts';
import type { JudgePicture, Log, ShapedPicture, ShapePicture } from './frame.ts';
import type { SmallLimits } from './quality/shrink-picture.ts';
import type { Asked, Taken } from './take-picture.ts';

export interface CommandParts {
  clock: Clock;
  log: Log;
  level: LevelSwitch;
  buffer: FrameBuffer;
  capture: CaptureRoom;
  shape: ShapePicture;
  judge: JudgePicture;
  /** Its bad pictures do not count any more; says whether it was degraded. */
  resetCamera(camera: CameraSettings['id']): boolean;
  shrinkPicture(picture: ShapedPicture, limits: SmallLimits): Promise<ShapedPicture>;
  cameraOf(asked: Asked): CameraSettings | null;
  take(asked: Asked, deadlineAt: number, until: AbortSignal): Promise<Taken>;
  tell(event: AgentEventContent): void;
  sendStill(still: Still['body']): boolean;
  wakeDelivery(): void;
  /** What waits, and what holds it back. */
  backlog(): { frames: number; bytes: number; quarantined: number };
  /** Writes another login down; says whether the way to the broker is another one too. */
  takeCredential(given: { credentialId: CredentialId; sealed: string }): Promise<{ elsewhere: boolean }>;
  /** Looks for cameras in this device's networks. @throws Failure `seal.cannot-open` */
  findCameras(wish: CommandOf<'discover'>['body'], until: AbortSignal): Promise<FoundList>;
  /** Comes in again, with the newest login. */
  reconnect(): void;
  /** Ends the agent clean, to be started again. */
  restart(): void;
}

/** How long a picture that is asked for by hand may take, ms. */
const BY_HAND_MS = 25_000;
/** Of a test shot, in its answer. */
const TEST_SHOT: SmallLimits = { mostPx: 800, mostBytes: 60_000 };
const STILL: SmallLimits = { mostPx: MOST_STILL_PX, mostBytes: MOST_STILL_BYTES };
const MOST_QUARANTINED_SHOWN = 50;
/** Time for the answer to go out before the line is closed, ms. */
const FAREWELL_MS = 1000;

export const COMMAND_CAPABILITIES = [
  'command.capture-now',
  'command.test-camera',
  'command.test-shot',
  'command.watch-camera',
  'command.report-backlog',
  'command.retry-quarantine',
  'command.reconcile',
  'command.discover',
  'command.reset-camera',
  'command.restart',
  'command.set-log-level',
  'command.take-credential',
];

export function wireCommands(parts: CommandParts) {
  const { clock, log, level, buffer, capture, shape, judge, shrinkPicture } = parts;
  const cameraOf = (cameraId: CameraSettings['id']) => parts.cameraOf({ kind: 'by-hand', cameraId, commandId: null });
  const logLevel = createLogLevel({ clock, log, level });
  const stills = createStills({
    clock,
    log,
    cameraOf,
    take: capture.take,
    async small(picture, camera) {
      try {
        return await shrinkPicture(await shape(picture, camera.shape, camera.quality), STILL);
      } finally {
        picture.letGo?.();
      }
    },
    send: parts.sendStill,
  });
  const testShot = createTestShot({
    clock,
    cameraOf,
    take: capture.take,
    shape,
    judge,
    shrink: (picture) => shrinkPicture(picture, TEST_SHOT),
  });

  async function testCamera(cameraId: CameraSettings['id'], until: AbortSignal): Promise<CommandAnswer> {
    const camera = cameraOf(cameraId);
    if (camera === null) return unknownCamera;
    const probe = await capture.probeCamera(camera, until);
    if (probe.kind === 'failed') return { kind: 'refused', code: `camera.${probe.code}`, hint: probe.hint };
    const { kind: _, ...found } = probe;
    return done(found);
  }

  async function takeCredential(body: Parameters<CommandParts['takeCredential']>[0]): Promise<CommandAnswer> {
    try {
      const { elsewhere } = await parts.takeCredential(body);
      log.info({ credential: body.credentialId }, 'another login is written down, and used from now on');
      const then = elsewhere ? parts.restart : parts.reconnect;
      const afterwards = () => void clock.sleep(FAREWELL_MS, new AbortController().signal).then(then);
      return { ...done({}), afterwards };
    } catch (thrown) {
      const { code, hint } = toFailure(thrown);
      return { kind: 'refused', code, hint };
    }
  }

  let isSearching = false;
  /** One search at a time: all of them would ask the same cameras. */
  async function search(wish: CommandOf<'discover'>['body'], until: AbortSignal): Promise<CommandAnswer> {
    if (isSearching)
      return { kind: 'refused', code: 'discover.busy', hint: 'The agent is searching already: ask again in a while.' };
    isSearching = true;
    try {
      return done(await parts.findCameras(wish, until));
    } finally {
      isSearching = false;
    }
  }

  const commands = createCommands({
    clock,
    log,
    begin: buffer.beginCommand,
    tell: parts.tell,
    watch: stills.watch,
    obey: {
      'capture-now': async ({ id, body }, until) =>
        answerTaken(
          await parts.take(
            { kind: 'by-hand', cameraId: body.cameraId, commandId: id, force: body.force },
            clock.now() + BY_HAND_MS,
            until,
          ),
        ),
      'test-camera': ({ body }, until) => testCamera(body.cameraId, until),
      'test-shot': ({ body }, until) => testShot(body, until),
      'report-backlog': () =>
        done({ ...parts.backlog(), quarantinedFrames: buffer.quarantined(MOST_QUARANTINED_SHOWN) }),
      'retry-quarantine'({ body }) {
        const frames = buffer.retryQuarantine(body.frameIds ?? 'all');
        if (frames > 0) log.info({ frames }, 'frames that were set aside are delivered anew');
        return { ...done({ frames }), afterwards: parts.wakeDelivery };
      },
      'reset-camera': ({ body }) => done({ wasDegraded: parts.resetCamera(body.cameraId) }),
      reconcile: () => ({ ...done({ frames: buffer.listHeld() }), afterwards: parts.wakeDelivery }),
      restart: () => ({
        ...done({}),
        afterwards() {
          log.warn({}, 'restarting, as was asked');
          void clock.sleep(FAREWELL_MS, new AbortController().signal).then(parts.restart);
        },
      }),
      discover: ({ body }, until) => search(body, until),
      'take-credential': ({ body }) => takeCredential(body),
      'set-log-level'({ body }) {
        logLevel.set(body.level, body.forMs);
        return done({ level: body.level });
      },
    },
  });
  return { obey: commands.obey, loops: [commands.run, stills.run, logLevel.run], watched: stills.watched };
}

/** The room that finds cameras is loaded when it is asked for: most agents never need it. */
export function cameraFinder(of: {
  clock: Clock;
  agentId: AgentId;
  privateKey: string;
  networks: readonly string[];
}): CommandParts['findCameras'] {
  const { clock, agentId, privateKey, networks } = of;
  return async ({ forMs, login }, until) => {
    const { findCameras, tellFound } = await import('./find-cameras.ts');
    const opened = login && {
      username: login.username,
      password: unseal(login.sealedPassword, privateKey, discoverContext(agentId)),
    };
    return tellFound(await findCameras({ forMs, login: opened, describe: true }, { clock, networks }, until));
  };
}

const done = (answer: Record<string, unknown>) => ({ kind: 'done' as const, frameId: null, answer });

function answerTaken(taken: Taken): CommandAnswer {
  switch (taken.kind) {
    case 'kept': {
      const { frame, verdict } = taken;
      const answer = { score: verdict.score, faults: verdict.faults, sizeBytes: frame.sizeBytes };
      return { kind: 'done', frameId: frame.frameId, answer };
    }
    case 'failed':
      return { kind: 'refused', code: `capture.${taken.code}`, hint: taken.hint };
    case 'not-ready':
      return { kind: 'refused', code: `not-ready.${taken.reason}`, hint: taken.detail };
    case 'discarded':
    case 'already-settled':
      return { kind: 'refused', code: 'capture.not-kept', hint: 'The picture was not kept.' };
  }
}
