/**
 * `npm run screenshots`: a picture of every page at three widths in both colours, to be looked at before a release, in
 * `data/screenshots/`; with `--docs` the few that the documentation shows are written anew too. `--only=wall,films` takes
 * those alone, `--width=390` in that width alone.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { type Gallery, openGallery } from './gallery.ts';
import { openBrowser, openGalleryPage } from './open-browser.ts';

const STEP_MS = 20 * 60_000;
const HOURS = 10;
const root = path.resolve(import.meta.dirname, '../..');
const folder = path.join(root, 'data/screenshots');
const docs = path.join(root, 'docs/screenshots');
const SIZES = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
  { width: 2560, height: 1440 },
];
const SYSTEM_PARTS = ['alarms', 'jobs', 'storage', 'sites', 'houses', 'people', 'tokens', 'audit', 'logs'];
/** What the documentation shows of many pages at once, in the order of a visit. */
const SHEET = [
  ...['wizard', 'frames', 'calendar', 'films', 'make-film', 'overlay-editor', 'rules', 'open-schedule'],
  ...['fleet', 'agent', 'system-alarms', 'system-storage'],
];
const asked = (name: string) =>
  process.argv
    .find((one) => one.startsWith(`--${name}=`))
    ?.split('=')[1]
    ?.split(',');
const THEMES = ['light', 'dark'] as const;
const ZONES = [
  'Pacific/Auckland',
  'Asia/Tokyo',
  'Asia/Kolkata',
  'Asia/Dubai',
  'Europe/Vienna',
  'Atlantic/Azores',
  'America/Sao_Paulo',
  'America/New_York',
  'America/Denver',
  'Pacific/Honolulu',
];

const fileOf = (name: string, width: number, theme: string) => path.join(folder, `${name}-${width}-${theme}.png`);
/** Somewhere it is afternoon now. */
const timeZone = ZONES.reduce((best, zone) =>
  Math.abs(hourIn(zone) - 16) < Math.abs(hourIn(best) - 16) ? zone : best,
);
/** Where the sun stands highest at about noon of a time zone. */
function longitudeOf(zone: string): number {
  const hours = ((hourIn(zone) - hourIn('UTC') + 36) % 24) - 12;
  return hours * 15;
}
function hourIn(zone: string): number {
  return Number(new Intl.DateTimeFormat('en', { timeZone: zone, hour: 'numeric', hourCycle: 'h23' }).format());
}

const pages = (gallery: Gallery): Record<string, string> => {
  const [first] = gallery.cameras;
  if (first === undefined) throw new Error('the gallery is empty');
  const timelapse = `/timelapses/${first.timelapseId}`;
  return {
    wall: '/',
    'wall-by-site': '/?group=site',
    kiosk: '/?kiosk=600',
    camera: `/cameras/${first.id}`,
    'camera-grid': `/cameras/${first.id}?view=grid`,
    films: timelapse,
    calendar: `${timelapse}/calendar`,
    frames: `${timelapse}/frames`,
    overlay: `${timelapse}/overlay`,
    rules: `${timelapse}/rules`,
    'make-film': `${timelapse}?make=true`,
    overlays: '/overlays',
    'overlay-editor': `/overlays/ovt-builtin-complete?timelapse=${first.timelapseId}`,
    wizard: '/new',
    fleet: '/fleet',
    agent: `/fleet/${first.agent.id}`,
    system: '/system',
    ...Object.fromEntries(SYSTEM_PARTS.map((part) => [`system-${part}`, `/system/${part}`])),
  };
};

/** What opens on a page beside what its address shows. */
const windows: Record<string, { on: string; open: (page: Page) => Promise<void> }> = {
  schedule: {
    on: 'films',
    open: (page) => page.getByRole('button', { name: 'Edit timelapse' }).click(),
  },
  rule: { on: 'rules', open: (page) => page.getByRole('button', { name: 'New rule' }).click() },
  'rule-did': { on: 'rules', open: (page) => page.getByText('What it did').first().click() },
  share: { on: 'films', open: (page) => page.getByRole('button', { name: 'Share' }).first().click() },
  channel: { on: 'system-alarms', open: (page) => page.getByRole('button', { name: 'Add a place' }).click() },
  account: { on: 'wall', open: (page) => page.getByRole('button', { name: /^Account menu/ }).click() },
};

const browser = await openBrowser();
const gallery = await openGallery({
  agedMs: 30 * 86_400_000,
  everyMs: STEP_MS,
  sites: [
    { name: 'Harbour', timeZone, cameras: ['Row of gables', 'Quay crane', 'Harbour mast'] },
    { name: 'North ridge', timeZone, cameras: ['Hut', 'New school', 'Ridge mast'] },
  ],
});
try {
  await mkdir(folder, { recursive: true });
  const now = Math.floor(Date.now() / STEP_MS) * STEP_MS;
  const frames = Array.from({ length: (HOURS * 3_600_000) / STEP_MS }, (_, index) => now - index * STEP_MS);
  await gallery.deliverAll(
    frames.reverse().flatMap((dueAt, index) =>
      gallery.cameras
        .filter(({ place }) => (place + index) % 19 !== 0)
        .map((camera) => ({
          camera,
          dueAt,
          ...((camera.place * 5 + index) % 23 === 0 ? { score: 41, faults: ['blurred'] } : {}),
        })),
    ),
  );
  for (const site of (await gallery.api.get<{ items: { id: string }[] }>('/api/sites')).items)
    await gallery.api.send('PATCH', `/api/sites/${site.id}`, { latitude: 47.2, longitude: longitudeOf(timeZone) });
  const [shown] = gallery.cameras;
  if (shown !== undefined) {
    const rule = { name: 'Film of the day', when: { kind: 'scheduled', expression: '0 20 * * *' }, covers: 'all' };
    const rules = `/api/timelapses/${shown.timelapseId}/rules`;
    const { id } = await gallery.api.send<{ id: string }>('POST', rules, rule);
    await gallery.api.send('POST', `${rules}/${id}/run`);
  }
  let taken = 0;
  for (const colorScheme of THEMES)
    for (const viewport of SIZES.filter(({ width }) => asked('width')?.includes(String(width)) ?? true))
      taken += await takeAll(browser, gallery, { colorScheme, viewport });
  console.log(`${taken} screenshots are in ${path.relative(process.cwd(), folder)}`);
  if (process.argv.includes('--docs')) await writeDocs();
} finally {
  await browser.close();
  await gallery.close();
}

async function takeAll(
  browser: Browser,
  gallery: Gallery,
  how: { colorScheme: 'light' | 'dark'; viewport: { width: number; height: number } },
): Promise<number> {
  const page = await openGalleryPage(browser, gallery.address, { ...how, reducedMotion: 'reduce' });
  const places = pages(gallery);
  const isAsked = (name: string) => asked('only')?.includes(name) ?? true;
  const shots = [
    ...Object.entries(places).map(([name, place]) => ({ name, place, open: null })),
    ...Object.entries(windows).map(([name, { on, open }]) => ({
      name: `open-${name}`,
      place: places[on] ?? '/',
      open,
    })),
  ].filter(({ name }) => isAsked(name));
  for (const { name, place, open } of shots) {
    await page.goto(gallery.address + place);
    await settle(page);
    if (open !== null) {
      await open(page);
      await settle(page);
    }
    await page.screenshot({ path: fileOf(name, how.viewport.width, how.colorScheme) });
  }
  await page.context().close();
  return shots.length;
}

/** Everything that is asked for is there, and every picture in view is drawn. */
async function settle(page: Page): Promise<void> {
  await page.locator('h1, h2').first().waitFor({ state: 'attached' });
  await page.locator('.waiting, main [aria-busy=true]').first().waitFor({ state: 'detached' });
  // What the server draws when it is asked, such as templates of overlays.
  await page
    .locator('.skeleton')
    .first()
    .waitFor({ state: 'detached', timeout: 8000 })
    .catch(() => {});
  // Evaluated past the page's CSP, which forbids `eval`; a picture that cannot be had is not waited for.
  await page.evaluate(`Promise.all(Array.from(document.images)
    .filter((one) => one.checkVisibility() && one.loading !== 'lazy')
    .map((one) => one.decode().catch(() => {})))`);
  await page.waitForTimeout(700);
}

async function writeDocs(): Promise<void> {
  await mkdir(docs, { recursive: true });
  const chosen = {
    wall: ['wall', 1280, 'dark'],
    camera: ['camera', 1280, 'light'],
    phone: ['camera', 390, 'dark'],
  } as const;
  for (const [name, [page, width, theme]] of Object.entries(chosen))
    await sharp(fileOf(page, width, theme))
      .webp({ quality: 82 })
      .toFile(path.join(docs, `${name}.webp`));
  await writeSheet();
}

/** Many pages on one picture, by night and by day in turns. */
async function writeSheet(): Promise<void> {
  const tile = { width: 480, height: 300 };
  const [columns, gap] = [4, 8];
  const placed = SHEET.map(async (page, index) => ({
    input: await sharp(fileOf(page, 1280, index % 2 === 0 ? 'dark' : 'light'))
      .resize({ ...tile, fit: 'cover', position: 'top' })
      .toBuffer(),
    left: gap + (index % columns) * (tile.width + gap),
    top: gap + Math.floor(index / columns) * (tile.height + gap),
  }));
  const width = gap + columns * (tile.width + gap);
  const height = gap + Math.ceil(SHEET.length / columns) * (tile.height + gap);
  await sharp({ create: { width, height, channels: 3, background: '#6b6763' } })
    .composite(await Promise.all(placed))
    .webp({ quality: 72 })
    .toFile(path.join(docs, 'pages.webp'));
}
