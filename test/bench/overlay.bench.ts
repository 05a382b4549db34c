import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { OverlayFacts } from '@slowlight/control-plane/src/frame.ts';
import {
  createOverlayRenderer,
  type PreparedOverlay,
} from '@slowlight/control-plane/src/render/overlay/overlay-renderer.ts';
import { openSheetFeed } from '@slowlight/control-plane/src/render/overlay/sheet-feed.ts';
import { newAssetId, overlayLayout, resolveOverlay } from '@slowlight/protocol';
import sharp from 'sharp';
import { quantile } from './quantile.ts';
import type { Bench } from './run.ts';

const CANVAS = { widthPx: 1920, heightPx: 1080 };
const FPS = 24;
/** Different pictures that are shown over and over. */
const PICTURES = 24;
const ENCODER = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p'];
const COLOURS = 'scale=out_range=tv:out_color_matrix=bt709';

interface Cost {
  cpuMs: number;
  wallMs: number;
  ownCpuMs: number;
}

export const bench: Bench = {
  question:
    'What does an overlay (time, frame number, weather with icon, logo) cost a 1080p film, veryfast, in CPU (ffmpeg and node) and wall time, against bare ffmpeg with the same frames and settings?',
  async run(report, args) {
    const frames = Number(args[0] ?? 240);
    const rounds = Number(args[1] ?? 5);
    const pictures = await Promise.all(Array.from({ length: PICTURES }, (_, index) => drawPicture(index)));
    const overlay = await prepareOverlay();
    const ratios: { cpu: number[]; wall: number[] } = { cpu: [], wall: [] };
    for (let round = 0; round < rounds; round += 1) {
      // In turn, so that whatever else the machine does concerns both.
      const pair = { bare: await encode(pictures, frames, null), laid: await encode(pictures, frames, overlay) };
      ratios.cpu.push(pair.laid.cpuMs / pair.bare.cpuMs);
      ratios.wall.push(pair.laid.wallMs / pair.bare.wallMs);
      report('bare, CPU of a frame', pair.bare.cpuMs / frames, 'ms');
      report('with overlay, CPU of a frame', pair.laid.cpuMs / frames, 'ms');
      report('of which node', pair.laid.ownCpuMs / frames, 'ms');
    }
    report('CPU with overlay to bare, median of the pairs', quantile(ratios.cpu, 0.5), '×');
    report('wall time with overlay to bare, median of the pairs', quantile(ratios.wall, 0.5), '×');
  },
};

async function prepareOverlay(): Promise<PreparedOverlay> {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100"><rect width="300" height="100" rx="20" fill="#e60"/></svg>';
  const logo = { type: 'image/svg+xml', widthPx: 300, heightPx: 100, bytes: Buffer.from(svg) } as const;
  const renderer = createOverlayRenderer({ readAsset: async () => logo });
  const layout = overlayLayout.parse({
    elements: [
      { kind: 'date-time', id: 'time', anchor: 'bottom-right' },
      { kind: 'frame-number', id: 'frame', anchor: 'bottom-right' },
      { kind: 'temperature', id: 'temperature', anchor: 'bottom-left', icon: true },
      { kind: 'conditions', id: 'conditions', anchor: 'bottom-left' },
      {
        kind: 'image',
        id: 'logo',
        anchor: 'top-right',
        assetId: newAssetId(),
        style: { sizePercent: 8, background: null },
      },
    ],
  });
  return renderer.prepare(resolveOverlay(layout, null));
}

/** A picture every five minutes; the weather changes once an hour. */
function factsOf(index: number): OverlayFacts {
  const hour = Math.floor(index / 12);
  const temperatureCelsius = 12 + 8 * Math.sin(hour / 4);
  const conditions = [0, 2, 3, 61][hour % 4] ?? 0;
  return {
    at: Date.UTC(2026, 5, 1) + index * 300_000,
    timeZone: 'Europe/Vienna',
    latitude: 48.2,
    longitude: 16.4,
    siteName: null,
    cameraName: null,
    timelapseName: null,
    frameNumber: index + 1,
    dayNumber: 1,
    progress: null,
    film: null,
    score: 100,
    weather: { temperatureCelsius, conditions, windMs: null, windDirectionDegrees: null, cloudPercent: null },
  };
}

/** Hills with grain under a sky that moves, so that the encoder has its usual work. */
async function drawPicture(index: number): Promise<Buffer> {
  const { widthPx, heightPx } = CANVAS;
  const noise = await sharp({
    create: {
      width: widthPx,
      height: heightPx,
      channels: 3,
      background: '#000',
      noise: { type: 'gaussian', mean: 128, sigma: 14 },
    },
  })
    .blur(1.2)
    .png({ compressionLevel: 0 })
    .toBuffer();
  const x = (index * widthPx) / PICTURES;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}"><rect width="1920" height="700" fill="#7fa8d0"/><circle cx="${x}" cy="${200 + index * 4}" r="120" fill="#fff6d0"/><path d="M0 700 400 400 900 720 1300 380 1920 700V1080H0Z" fill="#5d6f5a"/></svg>`;
  return sharp(Buffer.from(svg))
    .flatten()
    .composite([{ input: noise, blend: 'soft-light' }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** Encodes to nowhere; ffmpeg itself says how much CPU it took. */
async function encode(pictures: readonly Buffer[], frames: number, overlay: PreparedOverlay | null): Promise<Cost> {
  const began = performance.now();
  const own = process.cpuUsage();
  const facts = Array.from({ length: frames }, (_, index) => factsOf(index));
  const sheets = overlay === null ? null : await openSheetFeed({ overlay, facts, canvas: CANVAS, fps: FPS });
  const frame = `[0:v]${COLOURS},format=yuv420p`;
  const filter = sheets === null ? `${frame}[out]` : `${frame}[in];${sheets.filter('in', 'out')}`;
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-nostats', '-benchmark', '-loglevel', 'info'],
      ...['-f', 'image2pipe', '-framerate', `${FPS}`, '-c:v', 'mjpeg', '-i', 'pipe:0', ...(sheets?.input ?? [])],
      ...['-filter_complex', filter, '-map', '[out]', ...ENCODER, '-f', 'null', '-'],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += String(chunk);
  });
  const closed = once(child, 'close');
  for (let index = 0; index < frames; index += 1)
    if (!child.stdin.write(pictures[index % PICTURES])) await once(child.stdin, 'drain');
  child.stdin.end();
  await closed;
  await sheets?.close();
  const [, user, system] = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(said) ?? [];
  if (user === undefined || !said.includes(`frame=${String(frames).padStart(5)}`)) throw new Error(said.slice(-2000));
  const { user: ownUser, system: ownSystem } = process.cpuUsage(own);
  const ownCpuMs = (ownUser + ownSystem) / 1000;
  return { cpuMs: (Number(user) + Number(system)) * 1000 + ownCpuMs, wallMs: performance.now() - began, ownCpuMs };
}
