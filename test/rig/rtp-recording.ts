/** What an encoder sends as RTP over RTSP, kept packet by packet, so that it can be sent again to whoever reads it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { readRtsp } from './rtsp-requests.ts';

export interface RtpRecording {
  sdp: string;
  /** Interleaved frames, with their heads of four bytes; video is on channel 0. */
  frames: readonly Buffer[];
}

const run = promisify(execFile);

async function listen(serve: (socket: net.Socket) => void): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** @param encoding what stands between input and output in ffmpeg's arguments; the picture is 320 × 192 and moves */
export async function recordRtp(encoding: readonly string[], pictures = 24): Promise<RtpRecording> {
  let sdp = '';
  const frames: Buffer[] = [];
  const port = await listen((socket) =>
    readRtsp(
      socket,
      ({ method, body, headers }) => {
        if (method === 'ANNOUNCE') sdp = body;
        const transport = headers.get('transport');
        return { status: 200, headers: { Session: 'one', ...(transport && { Transport: transport }) } };
      },
      (_, frame) => frames.push(Buffer.from(frame)),
    ),
  );
  const seconds = String(pictures / 15);
  const video = ['-f', 'lavfi', '-i', `testsrc2=size=320x192:rate=15:duration=${seconds},noise=alls=6:allf=t`];
  const sound = ['-f', 'lavfi', '-i', `sine=duration=${seconds}`];
  await run('ffmpeg', [
    ...['-v', 'error', ...video, ...sound, ...encoding],
    ...['-f', 'rtsp', '-rtsp_transport', 'tcp', `rtsp://127.0.0.1:${port}/x`],
  ]);
  return { sdp, frames };
}

/** A camera that sends a recording, once, as fast as it is read, and then no more. Gives its address. */
export async function replayRtp({ sdp, frames }: RtpRecording): Promise<string> {
  const port = await listen((socket) =>
    readRtsp(
      socket,
      ({ method, headers, url }) => {
        if (method === 'DESCRIBE') return { status: 200, headers: { 'Content-Base': `${url}/` }, body: sdp };
        if (method === 'PLAY')
          setImmediate(() => {
            for (const frame of frames) socket.write(frame);
            socket.end();
          });
        const transport = headers.get('transport');
        return { status: 200, headers: { Session: 'one', ...(transport && { Transport: transport }) } };
      },
      () => {},
    ),
  );
  return `rtsp://127.0.0.1:${port}/x`;
}
