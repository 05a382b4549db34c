/** Makes the source that a camera's settings ask for. */
import type { CameraSettings } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { Moment } from '../frame.ts';
import { cameraFailure } from './camera-failure.ts';
import { createMjpegSource } from './http/mjpeg-source.ts';
import { createSnapshotSource } from './http/snapshot-source.ts';
import type { Login } from './login.ts';
import type { Networks } from './networks.ts';
import { createRhythm } from './rhythm.ts';
import { createRtspSource } from './rtsp/rtsp-source.ts';
import type { Source } from './source.ts';
import type { Decoders } from './tap/decoders.ts';
import type { RgbPicture } from './tap/ppm.ts';
import type { GopLimits } from './tap/running-gop.ts';
import { createTestSource } from './test-source.ts';

export interface MakeSourceDeps {
  clock: Clock;
  moment: () => Moment;
  unsealPassword: (camera: CameraSettings) => string | null;
  decodeJpeg: (bytes: Buffer) => Promise<RgbPicture>;
  decoders: Decoders;
  random: () => number;
}

export interface MakeSourceOptions {
  ffmpegPath: string | undefined;
  certificates: readonly string[];
  networks: Networks;
  warmIntervalMs: number;
  mostDecodeMs: number;
  gopLimits: GopLimits;
}

export function sourceMaker(deps: MakeSourceDeps, options: MakeSourceOptions): (camera: CameraSettings) => Source {
  const { clock, moment, decoders, decodeJpeg, random } = deps;
  const { ffmpegPath, certificates, networks, warmIntervalMs, mostDecodeMs, gopLimits } = options;
  return (camera) => {
    const { source } = camera;
    if (source.kind === 'test') return createTestSource({ clock, moment }, source);
    const way = {
      url: source.url,
      login: () => loginOf(camera, deps),
      trust: { certificates, pin: source.certificateSha256 ?? null, networks },
    };
    if (source.kind === 'snapshot') return createSnapshotSource({ clock, moment, decoders, decodeJpeg }, way);
    const rhythm = createRhythm({ connection: source.connection ?? 'auto', warmIntervalMs });
    const streaming = { clock, moment, decoders, decodeJpeg, random, rhythm };
    if (source.kind === 'mjpeg')
      return createMjpegSource(streaming, { ...way, limits: gopLimits, mostDecodeMs, pictures: 'newest' });
    return createRtspSource(streaming, {
      ...way,
      limits: gopLimits,
      mostDecodeMs,
      pictures: source.pictures ?? 'newest',
      transport: source.transport ?? 'auto',
      ffmpegPath,
    });
  };
}

/** @throws Failure `capture.unauthorised` */
function loginOf(camera: CameraSettings, { unsealPassword }: Pick<MakeSourceDeps, 'unsealPassword'>): Login | null {
  if (camera.credentials === null) return null;
  const password = unsealPassword(camera);
  if (password !== null) return { username: camera.credentials.username, password };
  throw cameraFailure(
    'unauthorised',
    'the camera’s password was sealed for another agent',
    'Type the password in again.',
  );
}
