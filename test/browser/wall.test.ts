import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { Gallery } from '../gallery/gallery.ts';
import { buildDashboard, DIST, lookAt, openPage } from '../rig/browser.ts';
import { logInToGallery, openTestGallery } from '../rig/open-gallery.ts';
import { until } from '../rig/until.ts';

const MINUTE = 60_000;
const SCRIPT_BYTES = 250_000;
const minutesAgo = (count: number) => Math.floor(Date.now() / MINUTE) * MINUTE - count * MINUTE;

beforeAll(buildDashboard);

const many = (count: number) => Array.from({ length: count }, (_, index) => `Mast ${index + 1}`);
const twoSites = [
  { name: 'Zürich', timeZone: 'Europe/Zurich', cameras: many(30) },
  { name: 'Alp', timeZone: 'Asia/Tokyo', cameras: ['Brücke', 'Hütte'] },
];

async function showAll(gallery: Gallery): Promise<void> {
  const dueAt = minutesAgo(1);
  await gallery.deliverAll(
    gallery.cameras.slice(0, 4).map((camera) => ({ camera, dueAt, faults: camera.place === 1 ? ['blurred'] : [] })),
  );
}

/** All scripts that the wall has loaded until its cards are there: few, compressed, and named by the page itself. */
async function isLight(page: Page, address: string): Promise<void> {
  const html = await (await page.request.get(address)).text();
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=/);
  const named = Array.from(html.matchAll(/<script[^>]*\ssrc="([^"]+)"/g), ([, file]) => file);
  const scripts = await page.evaluate<{ file: string; bytes: number; whole: number }[]>(`
    performance.getEntriesByType('resource')
      .map(({ name, encodedBodySize, decodedBodySize }) => ({ file: new URL(name).pathname, bytes: encodedBodySize, whole: decodedBodySize }))
      .filter(({ file }) => file.endsWith('.js'))`);
  expect(scripts.map(({ file }) => file).sort(), 'no script that another had to ask for').toEqual(named.sort());
  expect(scripts.length).toBeGreaterThan(2);
  expect(scripts.length, 'each is an answer to wait for').toBeLessThan(8);
  for (const { file, bytes, whole } of scripts.filter((one) => one.whole > 1000))
    expect(bytes, `${file} comes compressed`).toBeLessThan(whole / 2);
  const sum = scripts.reduce((all, { bytes }) => all + bytes, 0);
  expect(sum).toBeGreaterThan(50_000);
  expect(sum).toBeLessThan(SCRIPT_BYTES);
  // Over plain HTTP in a house, browsers know only gzip.
  const zipped = scripts.map(({ file }) => gzipSync(readFileSync(path.join(DIST, file))).length);
  expect(zipped.reduce((all, one) => all + one, 0)).toBeLessThan(SCRIPT_BYTES);
}

test('the wall is at most 250 KB of compressed script, draws only what is near the window, finds, groups and keeps its state in its address', async (context) => {
  const { page, complaints } = await openPage(context);
  const gallery = await openTestGallery({ sites: twoSites });
  await showAll(gallery);
  await logInToGallery(page, gallery.address);
  const cards = page.locator('.card');
  await page.getByText('32 of 32 cameras online').waitFor();
  await until('pictures are on the wall', async () => (await page.locator('.card .live-now').count()) >= 4);
  expect(await cards.count()).toBeLessThan(24);
  await page.getByText('blurred').first().waitFor();

  await isLight(page, gallery.address);

  await page.keyboard.press('/');
  await page.keyboard.type('brucke');
  await until('only the bridge is left', async () => (await cards.count()) === 1);
  expect(page.url()).toContain('find=brucke');
  await page.reload();
  await page.getByRole('heading', { name: 'Brücke' }).waitFor();
  await page.getByLabel('Find a camera').focus();
  await page.keyboard.press('Escape');

  await page.keyboard.press('s');
  await until(
    'sites are in alphabetical order',
    async () => (await page.locator('.wall-title').first().textContent())?.startsWith('Alp') === true,
  );
  await page.getByRole('button', { name: 'View', exact: true }).click();
  await page.getByRole('menuitemradio', { name: 'Those in trouble' }).click();
  await page.keyboard.press('Escape');
  await until('only the blurred one is left', async () => (await cards.count()) === 1);
  expect(page.url()).toMatch(/show=trouble.*group=site|group=site.*show=trouble/);
  expect(complaints).toEqual([]);
}, 60_000);

test('a kiosk shows pictures alone, turns its pages by itself and is left by a key', async (context) => {
  const { page, complaints } = await openPage(context);
  const gallery = await openTestGallery({ sites: twoSites });
  await logInToGallery(page, gallery.address);
  await page.goto(`${gallery.address}/?kiosk=5`);
  await page.getByText('1 / 4').waitFor();
  await expect.poll(() => page.getByRole('navigation').isVisible()).toBe(false);
  const first = await page.locator('.kiosk-name').first().textContent();
  await page.keyboard.press('ArrowRight');
  await page.getByText('2 / 4').waitFor();
  expect(await page.locator('.kiosk-name').first().textContent()).not.toBe(first);
  await page.getByText('3 / 4').waitFor({ timeout: 15_000 });
  await page.keyboard.press('Escape');
  await page.getByRole('navigation').waitFor();
  expect(page.url()).not.toContain('kiosk');
  expect(complaints).toEqual([]);
}, 60_000);

test('two tabs hear the feed over one connection, and both show a picture as it comes', async (context) => {
  const { page, complaints } = await openPage(context);
  const gallery = await openTestGallery({
    sites: [{ name: 'Alp', timeZone: 'UTC', cameras: ['Hut'] }],
    settings: { SLOWLIGHT_METRICS_OPEN: 'true' },
  });
  const [camera] = gallery.cameras;
  if (camera === undefined) throw new Error('the gallery is empty');
  await logInToGallery(page, gallery.address);
  const second = await page.context().newPage();
  await second.goto(gallery.address);
  await second.getByRole('heading', { name: 'Hut' }).waitFor();
  const viewers = async () =>
    /^slowlight_sse_viewers (\d+)/m.exec(await (await gallery.api.fetch('/metrics')).text())?.[1];
  await until('somebody looks on', async () => (await viewers()) !== '0');
  await gallery.deliver(camera, minutesAgo(0));
  for (const tab of [page, second]) await tab.locator('.card .live-now').waitFor();
  expect(await viewers()).toBe('1');
  await page.close();
  await gallery.deliver(camera, minutesAgo(-1));
  const shown = await second.locator('.card .live-now').getAttribute('src');
  await until(
    'the tab that is left shows the next',
    async () => (await second.locator('.card .live-now').getAttribute('src')) !== shown,
  );
  expect(complaints).toEqual([]);
}, 60_000);

test('without a mouse: from the wall to a camera, along its day, and back; a question mark says how', async (context) => {
  const { page, complaints } = await openPage(context, { viewport: { width: 1280, height: 900 } });
  const gallery = await openTestGallery({
    sites: [{ name: 'Alp', timeZone: 'UTC', cameras: ['Hut', 'Lake'] }],
    agedMs: 3_600_000,
  });
  const [hut] = gallery.cameras;
  if (hut === undefined) throw new Error('the gallery is empty');
  await gallery.deliverAll([1, 2, 3].map((minute) => ({ camera: hut, dueAt: minutesAgo(minute) })));
  await logInToGallery(page, gallery.address);
  await page.getByRole('heading', { name: 'Hut' }).waitFor();
  const name = () => page.evaluate<string | undefined>('document.activeElement?.textContent?.trim()');
  for (let stops = 0; (await name()) !== 'Hut' && stops < 20; stops += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const slider = page.getByRole('slider', { name: 'Moment of the day' });
  await slider.focus();
  await page.keyboard.press('Home');
  await until('the oldest frame is in the address', () => page.url().includes('frame='));
  const oldest = page.url();
  await page.keyboard.press('ArrowRight');
  await until('the next one is', () => page.url() !== oldest);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.getByRole('heading', { name: 'Lake' }).waitFor();
  expect(complaints).toEqual([]);
}, 60_000);

test('who may only look is offered nothing else, and is told so in German where the browser speaks it', async (context) => {
  const { page, complaints } = await openPage(context, { locale: 'de-AT', viewport: { width: 390, height: 844 } });
  const gallery = await openTestGallery({ sites: [{ name: 'Alp', timeZone: 'UTC', cameras: ['Hütte'] }] });
  const first = 'a password that goes';
  const password = 'a password of her own';
  await gallery.api.send('POST', '/api/users', { name: 'Eva', role: 'viewer', password: first });
  await page.goto(gallery.address);
  await page.getByLabel('Name').fill('Eva');
  await page.getByLabel('Passwort').fill(first);
  await page.keyboard.press('Enter');
  await page.getByLabel('Bisheriges Passwort').fill(first);
  await page.getByLabel('Neues Passwort', { exact: true }).fill(password);
  await page.getByLabel('Neues Passwort noch einmal').fill(password);
  await page.getByRole('button', { name: 'Passwort ändern' }).click();
  await page.getByText('1 von 1 Kamera').waitFor();
  expect(await page.getAttribute('html', 'lang')).toBe('de');
  expect(await page.getByRole('button', { name: 'Kamera hinzufügen' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Hütte' }).last().click();
  await page.getByRole('heading', { name: 'Hütte', exact: true }).waitFor();
  for (const act of ['Jetzt aufnehmen', 'Pausieren', 'Mehr zu dieser Kamera'])
    expect(await page.getByRole('button', { name: act }).count(), act).toBe(0);
  expect(await lookAt(page)).toMatchObject({ tooWidePx: 0, nameless: [], faint: [] });
  expect(complaints).toEqual([]);
}, 60_000);
