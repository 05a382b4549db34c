/** A camera that is asked over HTTP: one JPEG at /snapshot.jpg, JPEG after JPEG at /video.mjpg; with a login, TLS, faults. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { type CameraLogin, challenge, isWelcome } from './rtsp-login.ts';
import { createScene } from './scene.ts';

export type HttpFault = 'cut-short' | 'page' | 'redirect' | 'silent' | 'busy' | 'endless' | 'stall' | 'hang-up';

export interface HttpCameraOptions {
  login?: CameraLogin;
  tls?: { key: string; cert: string };
  fault?: HttpFault;
  /** Whether the parts of the stream say how long they are. */
  lengths?: boolean;
  fps?: number;
  /** As some cameras at night. */
  grey?: boolean;
}

export interface HttpCamera {
  snapshotUrl: string;
  streamUrl: string;
  /** Requests so far: their paths, and whether a login came with them. */
  asked: { path: string; proof: string | undefined }[];
  viewers(): number;
}

const WIDTH = 640;
const HEIGHT = 360;
const BOUNDARY = 'a-boundary';

/** Goes with the test. */
export async function openHttpCamera(options: HttpCameraOptions = {}): Promise<HttpCamera> {
  const { login, fault, fps = 10 } = options;
  const nonce = randomBytes(12).toString('hex');
  const asked: HttpCamera['asked'] = [];
  let viewers = 0;
  const scene = createScene({ widthPx: WIDTH, heightPx: HEIGHT });
  const draw = () => {
    const luma = Buffer.from(scene.draw(Date.now()).subarray(0, WIDTH * HEIGHT));
    const picture = sharp(luma, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } });
    return picture
      .toColourspace(options.grey ? 'b-w' : 'srgb')
      .jpeg()
      .toBuffer();
  };

  async function stream(response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'Content-Type': `multipart/x-mixed-replace; boundary="--${BOUNDARY}"` });
    viewers += 1;
    let open = true;
    response.once('close', () => {
      open = false;
      viewers -= 1;
    });
    for (let picture = 0; open; picture += 1) {
      const bytes = await draw();
      const length = options.lengths === false ? '' : `Content-Length: ${bytes.length}\r\n`;
      if (open && (fault !== 'stall' || picture < 8))
        response.write(
          Buffer.concat([
            Buffer.from(`--${BOUNDARY}\r\nContent-Type: image/jpeg\r\n${length}\r\n`),
            bytes,
            Buffer.from('\r\n'),
          ]),
        );
      await wait(1000 / fps);
    }
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    asked.push({ path: url, proof: request.headers.authorization });
    if (login !== undefined) {
      const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      if (!isWelcome({ method: 'GET', url, headers }, login, nonce)) {
        response.writeHead(401, { 'WWW-Authenticate': challenge(login.scheme, nonce) }).end();
        return;
      }
    }
    if (fault === 'silent') return;
    if (fault === 'hang-up') return void request.socket.destroy();
    if (fault === 'busy') return void response.writeHead(503).end();
    if (fault === 'redirect') return void response.writeHead(302, { Location: 'http://169.254.169.254/' }).end();
    if (fault === 'page')
      return void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Hello</html>');
    if (url.startsWith('/video.mjpg')) return await stream(response);
    if (!url.startsWith('/snapshot.jpg')) return void response.writeHead(404).end();
    const bytes = await draw();
    response.writeHead(200, { 'Content-Type': 'image/jpeg' });
    if (fault === 'endless') return void response.write(bytes);
    response.end(fault === 'cut-short' ? bytes.subarray(0, bytes.length / 2) : bytes);
  }

  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((fault: unknown) => response.destroy(fault instanceof Error ? fault : undefined));
  };
  const server = options.tls ? https.createServer(options.tls, onRequest) : http.createServer(onRequest);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = `${options.tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    snapshotUrl: `${address}/snapshot.jpg?channel=1`,
    streamUrl: `${address}/video.mjpg`,
    asked,
    viewers: () => viewers,
  };
}
