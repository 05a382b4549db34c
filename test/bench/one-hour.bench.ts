import { readClock } from '../rig/picture-clock.ts';
import { startBenchCamera } from './capture/bench-camera.ts';
import { cameraOf, openBenchEdge } from './capture/edge.ts';
import { eachSlot } from './capture/slots.ts';
import { quantile } from './quantile.ts';
import type { Bench } from './run.ts';

const EVERY_MS = 10_000;

/** `one-hour [minutes = 1]` */
export const bench: Bench = {
  question: 'One frame every 10 s, warm and cold, side by side: is a slot missed, is a picture repeated?',
  async run(report, args) {
    const slots = Math.round((Number(args[0] ?? 1) * 60_000) / EVERY_MS);
    const server = await startBenchCamera({ gopSeconds: 2 });
    const edge = await openBenchEdge();
    try {
      await Promise.all(
        (['warm', 'cold'] as const).map(async (connection) => {
          const camera = cameraOf(server.url, { connection });
          const [shown, off]: [Set<number>, number[]] = [new Set(), []];
          let [failed, repeated, last] = [0, 0, 0];
          let skipped = 0;
          await eachSlot({ slots, everyMs: EVERY_MS, aheadMs: () => edge.room.leadMs(camera) }, async (dueAt) => {
            if (last !== 0) skipped += (dueAt - last) / EVERY_MS - 1;
            last = dueAt;
            const picture = await edge.keep(camera, dueAt).catch(() => null);
            const at = picture === null ? null : readClock(picture.pixels, picture.widthPx, picture.heightPx);
            if (at === null) {
              failed += 1;
              return;
            }
            if (shown.has(at)) repeated += 1;
            shown.add(at);
            off.push(Math.abs(at - dueAt));
          });
          report(`${connection}: slots with a picture`, shown.size, 'slots');
          report(`${connection}: slots without`, failed + skipped, 'slots');
          report(`${connection}: repeated pictures`, repeated, 'pictures');
          report(`${connection}: from the slot, p99`, quantile(off, 0.99), 'ms');
        }),
      );
    } finally {
      await edge.close();
      await server.close();
    }
  },
};
