/** The page's chapter on the command line, cameras and pictures: tries a camera, takes a picture, judges a file. */
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type AgentSettings,
  type CameraSettings,
  cameraSettings,
  newCameraId,
  type Verdict,
} from '@slowlight/protocol';
import { type Clock, Failure } from '@slowlight/protocol/kit';
import { readBuffer } from './buffer/read-buffer.ts';
import type { CaptureRoom } from './capture/capture.ts';
import type { CameraAsked } from './cli/arguments.ts';
import { askPassword, type Terminal } from './cli/ask-password.ts';
import type { AgentConfig } from './config.ts';
import type { Log } from './frame.ts';
import { createDeviceClock } from './health/device-clock.ts';
import { readIdentity } from './identity.ts';
import { passwordOpener, readCertificates } from './open-files.ts';

const CAPTURE_MS = 40_000;

export interface CameraWorld extends Terminal {
  clock: Clock;
  log: Log;
}
/** Says it in words, or as one JSON value, as was asked for. */
type Say = (words: string, json: unknown) => void;

export function testCamera(
  asked: { camera: CameraAsked },
  config: AgentConfig,
  world: CameraWorld & { say: Say },
): Promise<number> {
  return withCamera(asked.camera, config, world, async ({ capture, camera }) => {
    const probe = await capture.probeCamera(camera, AbortSignal.timeout(CAPTURE_MS));
    if (probe.kind === 'failed') world.say(`no picture: ${probe.code}. ${probe.hint}\n`, probe);
    else world.say(`a picture of ${probe.widthPx} × ${probe.heightPx} (${probe.codec}) after ${probe.ms} ms\n`, probe);
    return probe.kind === 'ok' ? 0 : 1;
  });
}

export function captureOne(
  { camera: named, output }: { camera: CameraAsked; output: string },
  config: AgentConfig,
  world: CameraWorld & { say: Say },
): Promise<number> {
  return withCamera(named, config, world, async ({ capture, camera }) => {
    const taken = await takeOne(capture, camera, world.clock);
    if (taken.kind === 'failed') {
      world.say(`no picture: ${taken.code}. ${taken.hint}\n`, taken);
      return 1;
    }
    const { bytes, widthPx, heightPx } = taken.shaped;
    await writeWhole(output, bytes);
    const { score, faults } = taken.verdict;
    world.say(`${output}: ${widthPx} × ${heightPx}, ${bytes.length} bytes, ${sayVerdict(taken.verdict)}\n`, {
      kind: 'picture',
      file: output,
      widthPx,
      heightPx,
      sizeBytes: bytes.length,
      score,
      faults,
    });
    return 0;
  });
}

const sayVerdict = ({ score, faults }: { score: number; faults: readonly string[] }) =>
  `score ${score}${faults.length > 0 ? ` (${faults.join(', ')})` : ''}`;

/** Opens the room of the cameras and finds the one that is asked for. */
async function withCamera<Result>(
  asked: CameraAsked,
  config: AgentConfig,
  world: CameraWorld,
  work: (at: { capture: CaptureRoom; camera: CameraSettings }) => Promise<Result>,
): Promise<Result> {
  const folder = path.resolve(config.dataFolder);
  const isAddress = asked.name.includes('://') || asked.name.startsWith('test:');
  const buffer = isAddress ? null : readBuffer(folder);
  const settings = buffer?.settings ?? null;
  buffer?.close();
  const camera = isAddress ? cameraAt(asked) : cameraNamed(asked.name, settings);
  const password = isAddress && asked.user !== null ? await askPassword(`Password of ${asked.user}: `, world) : null;
  const capture = await openCapture(config, folder, world, password);
  try {
    return await work({ capture, camera });
  } finally {
    await capture.close();
  }
}

export async function openCapture(
  config: AgentConfig,
  folder: string,
  { clock, log }: CameraWorld,
  password: string | null,
): Promise<CaptureRoom> {
  const [{ createCapture }, { decodeJpeg }] = await Promise.all([
    import('./capture/capture.ts'),
    import('./quality/decode-jpeg.ts'),
  ]);
  const { moment } = createDeviceClock(clock, { trustClock: config.trustClock });
  const file = identityFile(config, folder);
  const privateKey = existsSync(file) ? ((await readIdentity(file)).privateKey ?? null) : null;
  const unseal = privateKey === null ? () => null : passwordOpener(privateKey, log);
  const ca = config.caFile === null ? [] : [await readCertificates(config.caFile)];
  return createCapture(
    { clock, log, moment, unsealPassword: password === null ? unseal : () => password, decodeJpeg },
    { ffmpegPath: config.ffmpeg, certificates: ca, ...config.capture },
  );
}

async function takeOne(capture: CaptureRoom, camera: CameraSettings, clock: Clock) {
  const [{ shapePicture }, { createJudge }] = await Promise.all([
    import('./quality/shape-picture.ts'),
    import('./quality/judge.ts'),
  ]);
  const deadlineAt = clock.now() + CAPTURE_MS;
  const taken = await capture.take({ camera, dueAt: null, deadlineAt }, AbortSignal.timeout(2 * CAPTURE_MS));
  if (taken.kind === 'failed') return taken;
  const shaped = await shapePicture(taken.picture, camera.shape, camera.quality);
  return { kind: 'picture' as const, shaped, verdict: await createJudge()(taken.picture, shaped) };
}

function cameraNamed(name: string, settings: AgentSettings | null): CameraSettings {
  const found = settings?.cameras.find((camera) => camera.id === name || camera.name === name);
  if (found !== undefined) return found;
  const known = settings?.cameras.map((camera) => camera.name).join(', ') ?? '';
  throw new Failure({
    code: 'camera.not-found',
    message: `this agent has no camera ${name}`,
    hint:
      known === '' ? 'Give an address, such as rtsp://192.168.1.20/stream.' : `It has: ${known}. Or give an address.`,
    retry: 'never',
  });
}

/** Settings for a camera that is only an address. @throws Failure `camera.bad-address` */
function cameraAt({ name, user, mjpeg }: CameraAsked): CameraSettings {
  const source = name.startsWith('test:')
    ? { kind: 'test' }
    : /^https?:/i.test(name)
      ? { kind: mjpeg ? 'mjpeg' : 'snapshot', url: name }
      : { kind: 'rtsp', url: name };
  const read = cameraSettings.safeParse({
    id: newCameraId(),
    name: 'command line',
    enabled: true,
    source,
    // The password itself never goes through settings: it is handed to the camera's login as it was typed.
    credentials: user === null ? null : { username: user, sealedPassword: 'AA==' },
    shape: { crop: null, rotateDegrees: 0, aspect: null },
    judging: {},
  });
  if (read.success) return read.data;
  throw new Failure({
    code: 'camera.bad-address',
    message: `this is no address of a camera: it ${read.error.issues.map(({ message }) => message).join('; ')}`,
    hint: 'Such as rtsp://192.168.1.20/stream. User: --user; the password is asked for.',
    retry: 'never',
  });
}

/** The whole file or none of it. */
async function writeWhole(file: string, bytes: Buffer): Promise<void> {
  const part = `${file}.part`;
  try {
    await writeFile(part, bytes);
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/** What the judge says of a file. Exit code 1: it found a fault. */
export async function judgeFile({ file }: { file: string }, { say }: { say: Say }): Promise<number> {
  const verdict = await verdictOfJpeg(await readPicture(file));
  say(`${file}: ${sayVerdict(verdict)}\n`, verdict);
  return verdict.faults.length === 0 ? 0 : 1;
}

async function verdictOfJpeg(bytes: Buffer): Promise<Verdict> {
  const { judgeJpeg } = await import('./quality/judge-jpeg.ts');
  return judgeJpeg(bytes);
}

/** Read whole, within what a picture may have. @throws Failure `picture.unreadable` */
async function readPicture(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new Failure({
      code: 'picture.unreadable',
      message: `${file} cannot be read`,
      hint: 'Give the path of a JPEG file that you may read.',
      retry: 'never',
      cause,
    });
  }
}

export const identityFile = (config: AgentConfig, folder: string) =>
  config.identityFile ?? path.join(folder, 'identity.json');
