/** Who reads a camera's stream: we ourselves, or an ffmpeg that copies it. Pure. */
import type { Video } from './meet-camera.ts';

/** Reading ourselves costs a fifth of a process that copies (docs/decisions/0010); what we do not speak is left to ffmpeg. */
export function chooseReader({ codec, rtp }: Pick<Video, 'codec' | 'rtp'>): 'own' | 'ffmpeg' {
  return codec !== 'mjpeg' && Number.isInteger(rtp.payloadType) && !rtp.interleaved ? 'own' : 'ffmpeg';
}
