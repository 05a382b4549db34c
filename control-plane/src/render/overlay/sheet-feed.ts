/**
 * Feeds an overlay to ffmpeg beside the frames.
 *
 * Promise: whoever connects gets one sheet a frame, in their order, as fast as it takes them; nothing is drawn ahead of it.
 * Invariants: the socket is in a folder that only this user may enter, and goes with `close`; one reader is served.
 * When it fails: what cannot be drawn ends the connection early, so that the film comes out too short and is not taken for
 * whole; `fault` then says why.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { OverlayFacts } from '../../frame.ts';
import { fillSheet, overlayFilter, planStrips, type Size } from './overlay-canvas.ts';
import type { PreparedOverlay } from './overlay-renderer.ts';

export interface SheetFeed {
  /** What stands before and at `-i` for ffmpeg’s second input. */
  input: readonly string[];
  /** The filter that lays the sheets over frames of the canvas’s size. @see overlayFilter */
  filter(from: string, to: string): string;
  /** Why the sheets ended early; null: they did not. */
  fault(): unknown;
  close(): Promise<void>;
}

/**
 * Opens the feed for frames that are shown one after the other.
 * @param facts of each frame that is fed, in their order, and of no other
 * @returns null when nothing is drawn on any of them
 */
export async function openSheetFeed({
  overlay,
  facts,
  canvas,
  fps,
}: {
  overlay: PreparedOverlay;
  facts: readonly OverlayFacts[];
  canvas: Size;
  fps: number;
}): Promise<SheetFeed | null> {
  const boxes = facts.flatMap((one) => overlay.boxes(one, canvas));
  const plan = planStrips(boxes, canvas);
  if (plan === null) return null;
  const strips = plan;
  // Not in the folder of the films: the name of a socket may have hardly more than a hundred letters.
  const folder = await mkdtemp(path.join(tmpdir(), 'slowlight-sheets-'));
  const address = path.join(folder, 's');
  const sockets = new Set<Socket>();
  let fault: unknown = null;

  async function* sheets(): AsyncGenerator<Buffer, void> {
    try {
      for (const one of facts) yield fillSheet(await overlay.draw(one, canvas), strips);
    } catch (thrown) {
      fault = thrown;
      throw thrown;
    }
  }
  const server = createServer((socket) => {
    server.close();
    sockets.add(socket);
    // Whoever reads may go at any time; what could not be drawn has been noted.
    pipeline(sheets(), socket).catch(() => socket.destroy());
  });
  server.listen(address);
  await once(server, 'listening');

  const size = `${strips.widthPx}x${strips.heightPx}`;
  return {
    input: [
      ...['-f', 'rawvideo', '-pix_fmt', 'rgba', '-video_size', size, '-framerate', String(fps)],
      ...['-i', `unix:${address}`],
    ],
    filter: (from, to) => overlayFilter(strips, from, to),
    fault: () => fault,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
