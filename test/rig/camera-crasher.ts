/** A program to be killed: a virtual camera and an agent's capture that waits for its slot. Says `ready` when both run. */

import { createCapture } from '@slowlight/agent/src/capture/capture.ts';
import { decodeJpeg } from '@slowlight/agent/src/quality/decode-jpeg.ts';
import { systemClock } from '@slowlight/protocol/kit';
import { cameraAt, realMoment, silentLog } from './capture-parts.ts';
import { ownFfmpegs } from './processes.ts';
import { until } from './until.ts';
import { startVirtualCamera } from './virtual-camera.ts';

const { url } = await startVirtualCamera();
const room = createCapture(
  { clock: systemClock, moment: realMoment, unsealPassword: () => null, decodeJpeg, log: silentLog },
  { networks: ['127.0.0.0/8'] },
);
const dueAt = systemClock.now() + 3500;
const taking = room.take({ camera: cameraAt(url), dueAt, deadlineAt: dueAt + 60_000 }, new AbortController().signal);
await until('encoder and tap run', () => ownFfmpegs().length === 2);
process.stdout.write('ready\n');
await taking;
