import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { type Gallery, openGallery } from '../gallery/gallery.ts';
import { openBrowser, openGalleryPage } from '../gallery/open-browser.ts';
import { paint } from '../gallery/paint.ts';
import { quantile } from './quantile.ts';
import type { Bench, Report } from './run.ts';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** `npm run bench -- dashboard [seconds of the wall] [updates a second]` */
export const bench: Bench = {
  question:
    'How soon can the wall be used, how late is a picture on it, how smooth is a day of 1,440 frames under the finger, and what do 200 cameras cost a browser? Arguments: seconds of the wall with 200 cameras, updates a second.',
  async run(report, args) {
    const [seconds = 60, rate = 20] = args.map(Number);
    const browser = await openBrowser();
    try {
      await measureDay(report, browser);
      await measureWall(report, browser, { seconds, rate });
    } finally {
      await browser.close();
    }
  },
};

/** First load, picture to wall, and scrubbing, on a house with one camera. */
async function measureDay(report: Report, browser: Browser): Promise<void> {
  const gallery = await openGallery({
    sites: [{ name: 'Bench', timeZone: 'UTC', cameras: ['Scrubbed'] }],
    agedMs: 2 * DAY,
    widthPx: 640,
    heightPx: 360,
    settings: { SLOWLIGHT_MIN_INTERVAL_MS: '1000' },
  });
  try {
    const [camera] = gallery.cameras;
    if (camera === undefined) throw new Error('the gallery is empty');
    const midnight = Math.floor(Date.now() / DAY) * DAY - DAY;
    await gallery.deliverAll(
      Array.from({ length: 1440 }, (_, minute) => ({ camera, dueAt: midnight + minute * MINUTE })),
    );
    await thumbnailsOf(gallery);
    await measureFirstLoad(report, browser, gallery);
    await measureArrival(report, browser, gallery);
    await measureScrub(report, browser, { address: gallery.address, cameraId: camera.id, midnight });
  } finally {
    await gallery.close();
  }
}

/** Cold: a new browser context each time, which has nothing in its cache but the login. */
async function measureFirstLoad(report: Report, browser: Browser, { address }: Gallery): Promise<void> {
  const session = await (await openGalleryPage(browser, address)).context().storageState();
  const usable: number[] = [];
  let bytes = 0;
  for (let round = 0; round < 9; round += 1) {
    const own = await browser.newContext({ storageState: session, viewport: { width: 1280, height: 800 } });
    const page = await own.newPage();
    // Noted by the page itself: whoever asks from outside asks late.
    await page.addInitScript(
      `new MutationObserver((_, watch) => { if (document.querySelector('.card-name a') === null) return; globalThis.usableAt = performance.now(); watch.disconnect(); }).observe(document, { childList: true, subtree: true })`,
    );
    await page.goto(address, { waitUntil: 'commit' });
    await page.locator('.card-name a').first().waitFor();
    const seen = await page.evaluate<{ at: number; bytes: number }>(
      `({ at: usableAt, bytes: performance.getEntriesByType('resource').filter((one) => one.initiatorType === 'script' || one.name.endsWith('.js')).reduce((sum, one) => sum + one.encodedBodySize, 0) })`,
    );
    usable.push(seen.at);
    bytes = seen.bytes;
    await own.close();
  }
  report('first load, cold: cards can be used, p50', quantile(usable, 0.5), 'ms');
  report('first load, cold: cards can be used, p95', quantile(usable, 0.95), 'ms');
  report('scripts of the wall, as they are stored', bytes / 1000, 'KB');
}

/** From the control plane's receipt that a picture is verified to its pixels on the wall. */
async function measureArrival(report: Report, browser: Browser, gallery: Gallery): Promise<void> {
  const page = await openGalleryPage(browser, gallery.address);
  const [camera] = gallery.cameras;
  if (camera === undefined) return;
  await page.locator('.card').first().waitFor();
  const lates: number[] = [];
  const begin = Math.floor(Date.now() / 1000) * 1000;
  for (let round = 0; round < 40; round += 1) {
    const frame = await gallery.deliver(camera, begin + round * 1000);
    const committed = Date.now();
    await page.evaluate(`(async () => {
      const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
      for (;;) {
        const image = document.querySelector('.card .live-now');
        if (image !== null && image.complete && image.getAttribute('src').includes(${JSON.stringify(frame)})) return;
        await next();
      }
    })()`);
    lates.push(Date.now() - committed);
    await wait(300);
  }
  report('frame committed → visible on the wall, p50', quantile(lates, 0.5), 'ms');
  report('frame committed → visible on the wall, p95', quantile(lates, 0.95), 'ms');
  await page.context().close();
}

/** Five seconds from midnight to midnight and back, by a pointer that moves with every picture of the screen. */
async function measureScrub(
  report: Report,
  browser: Browser,
  { address, cameraId, midnight }: { address: string; cameraId: string; midnight: number },
): Promise<void> {
  const page = await openGalleryPage(browser, address);
  await page.goto(`${address}/cameras/${cameraId}?day=${new Date(midnight).toISOString().slice(0, 10)}`);
  await page.locator('.scrub-track').waitFor();
  await page.locator('.viewer .live-now').waitFor();
  const seen = await page.evaluate<{
    frames: number;
    seconds: number;
    worstMs: number;
    blank: number;
    coarse: number;
    firstMs: number;
  }>(`(async () => {
    const track = document.querySelector('.scrub-track');
    const canvas = document.querySelector('.viewer-still');
    const box = track.getBoundingClientRect();
    const say = (type, share) => track.dispatchEvent(new PointerEvent(type, { bubbles: true, pointerId: 1, isPrimary: true, button: 0, clientX: box.left + share * box.width, clientY: box.top + 8 }));
    track.setPointerCapture = () => {};
    track.hasPointerCapture = () => true;
    const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
    say('pointerover', 0); say('pointerenter', 0); say('pointerdown', 0);
    const began = performance.now();
    let firstMs = -1, frames = 0, blank = 0, coarse = 0, worstMs = 0, before = began;
    for (;;) {
      const now = await next();
      if (now - began > 6000) break;
      const turn = ((now - began) % 5000) / 2500;
      say('pointermove', turn < 1 ? turn : 2 - turn);
      if (firstMs < 0 && !canvas.hidden) firstMs = now - began;
      if (now - began > 1000) {
        frames += 1;
        worstMs = Math.max(worstMs, now - before);
        if (canvas.hidden) blank += 1;
        else if (canvas.dataset.exact === 'false') coarse += 1;
      }
      before = now;
    }
    say('pointercancel', 0);
    return { frames, seconds: 5, worstMs, blank, coarse, firstMs };
  })()`);
  report('scrubbing 1,440 frames: pictures a second', seen.frames / seen.seconds, 'fps');
  report('scrubbing 1,440 frames: longest pause', seen.worstMs, 'ms');
  report('scrubbing 1,440 frames: first picture after', seen.firstMs, 'ms');
  report('scrubbing 1,440 frames: blank after the first second', seen.blank, 'pictures');
  report('scrubbing 1,440 frames: of a neighbouring moment', (seen.coarse / Math.max(1, seen.frames)) * 100, '%');
  await page.context().close();
}

/** 200 cameras, each picture another. */
async function measureWall(
  report: Report,
  browser: Browser,
  { seconds, rate }: { seconds: number; rate: number },
): Promise<void> {
  const cameras = Array.from({ length: 100 }, (_, index) => `Camera ${index + 1}`);
  const gallery = await openGallery({
    sites: ['North', 'South'].map((name) => ({ name, timeZone: 'UTC', cameras })),
    widthPx: 640,
    heightPx: 360,
    everyMs: 10_000,
    settings: { SLOWLIGHT_MIN_INTERVAL_MS: '1000' },
  });
  try {
    const jpegs = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        paint({ place: index, at: index * 3_600_000, widthPx: 640, heightPx: 360 }),
      ),
    );
    const page = await openGalleryPage(browser, gallery.address, { viewport: { width: 1920, height: 1080 } });
    await page.locator('.card').first().waitFor();
    const began = Math.floor(Date.now() / 10_000) * 10_000;
    let sent = 0;
    const feed = async (count: number, each: () => Promise<void>) => {
      const start = performance.now();
      for (let index = 0; index < count; index += 1) {
        const camera = gallery.cameras[sent % gallery.cameras.length];
        const jpeg = jpegs[sent % jpegs.length];
        if (camera === undefined || jpeg === undefined) return;
        const dueAt = began + Math.floor(sent / gallery.cameras.length) * 10_000;
        void camera.agent.deliver({
          cameraId: camera.id,
          timelapseId: camera.timelapseId,
          dueAt,
          jpeg,
          widthPx: 640,
          heightPx: 360,
        });
        sent += 1;
        await wait(Math.max(0, start + ((index + 1) * 1000) / rate - performance.now()));
        if (index % rate === rate - 1) await each();
      }
    };
    await feed(200, async () => {});
    // Counted by the page itself: that the updates come at all, and are drawn.
    await page.evaluate(
      `{ globalThis.changes = 0; new MutationObserver((seen) => { globalThis.changes += seen.filter((one) => one.type === 'childList' && Array.from(one.addedNodes).some((node) => node.classList?.contains('live-now'))).length; }).observe(document.querySelector('.wall'), { childList: true, subtree: true }); }`,
    );
    const busy = await openBusy(page);
    const before = await busy();
    // What collecting garbage for this measurement takes is none of the wall's doing.
    const collected: Busy = { at: 0, seconds: 0, cpuSeconds: 0 };
    const heaps: number[] = [];
    await feed(seconds * rate, async () => {
      if (heaps.length > 0 && heaps.length % 5 !== 0) return void heaps.push(heaps.at(-1) ?? 0);
      const start = await busy();
      heaps.push(await heapOf(page));
      const end = await busy();
      for (const key of ['at', 'seconds', 'cpuSeconds'] as const) collected[key] += end[key] - start[key];
    });
    const after = await busy();
    const lasted = after.at - before.at - collected.at;
    const share = (key: 'seconds' | 'cpuSeconds') => ((after[key] - before[key] - collected[key]) / lasted) * 100;
    report('200 cameras: updates a second', rate, 'updates/s');
    report('200 cameras: main thread busy', share('seconds'), '%');
    report('200 cameras: main thread busy, where it had the processor', share('cpuSeconds'), '%');
    report(
      '200 cameras: pictures that changed on drawn cards',
      (await page.evaluate<number>('globalThis.changes')) / seconds,
      'pictures/s',
    );
    report('200 cameras: cards that are drawn', await page.locator('.card').count(), 'cards');
    const third = Math.max(1, Math.floor(heaps.length / 3));
    report('200 cameras: memory in the first third', Math.min(...heaps.slice(0, third)) / 1e6, 'MB');
    report('200 cameras: memory in the last third', Math.min(...heaps.slice(-third)) / 1e6, 'MB');
    await measureScroll(report, page);
  } finally {
    await gallery.close();
  }
}

interface Busy {
  at: number;
  /** In tasks, by the clock on the wall: also while others had the processor. */
  seconds: number;
  /** In tasks, by the thread's own clock. */
  cpuSeconds: number;
}

/** How long the page's main thread has worked so far; the counters run as long as their sessions are open. */
async function openBusy(page: Page): Promise<() => Promise<Busy>> {
  const open = async (timeDomain: 'timeTicks' | 'threadTicks') => {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain });
    return async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      const of = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
      return { at: of('Timestamp'), seconds: of('TaskDuration') };
    };
  };
  const [wall, thread] = [await open('timeTicks'), await open('threadTicks')];
  return async () => ({ ...(await wall()), cpuSeconds: (await thread()).seconds });
}

/** What is in use after everything that is not was collected, bytes. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.detach();
  return page.evaluate<number>('performance.memory.usedJSHeapSize');
}

async function measureScroll(report: Report, page: Page): Promise<void> {
  const seen = await page.evaluate<{ frames: number; seconds: number }>(`(async () => {
    const next = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const most = document.documentElement.scrollHeight - innerHeight;
    const began = performance.now();
    let frames = 0;
    for (;;) {
      const now = await next();
      if (now - began > 4000) break;
      scrollTo(0, most * ((now - began) / 4000));
      frames += 1;
    }
    return { frames, seconds: 4 };
  })()`);
  report('200 cameras: scrolling from top to end in 4 s', seen.frames / seen.seconds, 'fps');
}

/** Waits until every thumbnail is drawn: nobody scrubs a day in the second in which it came. */
async function thumbnailsOf({ api }: Gallery): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const { jobs } = await api.get<{ jobs: Record<string, number> }>('/api/system');
    if ((jobs.waiting ?? 0) + (jobs.running ?? 0) === 0) return;
    await wait(500);
  }
  throw new Error('the thumbnails were not drawn within five minutes');
}
