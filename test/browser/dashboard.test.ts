import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { buildDashboard, lookAt, openPage } from '../rig/browser.ts';
import { openProduct, PASSWORD, startTimelapses } from '../rig/open-product.ts';
import { until } from '../rig/until.ts';

const BREAK_MS = 30_000;

beforeAll(buildDashboard);

async function logInOn(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation').waitFor();
}

/** The picture that is on the wall now, by its address. */
const shownPicture = (page: Page) => page.locator('.card-picture .live-now').first().getAttribute('src');

test('whoever adds a camera sees its pictures arrive, starts a timelapse, captures one now and plays its film, all on the pages', async (context) => {
  const { page, complaints } = await openPage(context);
  const product = await openProduct();
  await product.startControlPlane();
  await product.startAgent().ready;
  await logInOn(page, product.address);

  await page.getByRole('button', { name: 'Add a camera' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Harbour crane');
  await page.getByLabel('Source').selectOption({ label: 'Test picture' });
  await page.getByRole('button', { name: 'Add camera' }).click();
  await page.getByText('The camera works.').waitFor();
  await page.getByText('1280 × 720').waitFor();
  await page.getByRole('link', { name: 'Show it' }).click();
  await page.getByRole('heading', { name: 'Harbour crane' }).waitFor();

  await page.getByRole('button', { name: 'Start a timelapse' }).click();
  await page.getByLabel('Every').fill('1');
  await page.getByLabel('Unit').selectOption('s');
  // The first is taken at once, so the first day may have one more or less than there are seconds.
  await page.getByText(/86,(399|400|401) pictures a day/).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Start a timelapse' }).click();
  await page.getByText('Running', { exact: true }).waitFor();
  const frames = page.getByRole('list', { name: 'Frames' }).getByRole('button');
  await until('frames arrive in the strip without a reload', async () => (await frames.count()) >= 4, 20_000);
  await page.locator('.viewer .live-now').waitFor();

  await page.keyboard.press('c');
  await page.getByAltText('Here it is.').waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Films…' }).click();
  await page.getByRole('button', { name: 'Make a film' }).click();
  await page.getByText(/frames make a film of/).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Make a film' }).click();
  await page.getByRole('button', { name: 'Play', exact: true }).click({ timeout: 40_000 });
  const film = page.getByRole('dialog').locator('video');
  const timeOf = () => film.evaluate((video) => (video as unknown as { currentTime: number }).currentTime);
  await until('the film plays', async () => (await timeOf()) > 0);
  expect(page.url()).toMatch(/\/timelapses\/tlp-[0-9a-z]{16}\?film=vid-[0-9a-z]{16}$/);
  expect(complaints).toEqual([]);
}, 120_000);

test('the wall outlives the server: it says that it is offline and goes on by itself when the server is back', async (context) => {
  const { page, complaints } = await openPage(context);
  const product = await openProduct();
  const first = await product.startControlPlane();
  await product.startAgent().ready;
  await startTimelapses(await product.logIn(), 1);
  await logInOn(page, product.address);
  await until('a picture is on the wall', () => shownPicture(page), 20_000);
  await page.evaluate("document.body.setAttribute('data-witness', 'never loaded again')");

  first.kill('SIGKILL');
  await first.exited;
  await page.getByText(/No connection to the server since/).waitFor({ timeout: BREAK_MS });
  const last = await shownPicture(page);
  expect(last).not.toBeNull();

  await product.startControlPlane();
  await until('a newer picture arrives', async () => (await shownPicture(page)) !== last, BREAK_MS);
  await page.getByText(/No connection to the server since/).waitFor({ state: 'detached' });
  expect(await page.locator('body').getAttribute('data-witness')).toBe('never loaded again');
  expect(complaints).toEqual([]);
}, 120_000);

test('an address is a place: it survives the login and a reload, and the arrow keys move it from frame to frame', async (context) => {
  const { page, complaints } = await openPage(context);
  const product = await openProduct();
  await product.startControlPlane();
  await product.startAgent().ready;
  const [timelapse] = await startTimelapses(await product.logIn(), 1);
  await logInOn(page, `${product.address}/cameras/${timelapse?.cameraId}`);
  const frames = page.getByRole('list', { name: 'Frames' }).getByRole('button');
  await until('there are frames', async () => (await frames.count()) >= 4, 20_000);

  await page.keyboard.press('ArrowLeft');
  const chosen = page.locator('[aria-current="true"]');
  await until('a frame is in the address', () => page.url().includes('frame=frm-'));
  await page.keyboard.press('ArrowLeft');
  const place = page.url();
  const name = await chosen.getAttribute('aria-label');
  await page.reload();
  await chosen.first().waitFor();
  expect(page.url()).toBe(place);
  expect(await chosen.getAttribute('aria-label')).toBe(name);

  await page.keyboard.press('l');
  await page.getByText('Live', { exact: true }).waitFor();
  expect(page.url()).not.toContain('frame=');
  expect(complaints).toEqual([]);
}, 90_000);

/** Writes hours, and what the sun would need, into the schedule of the timelapse that is shown. */
async function giveHours(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Edit timelapse' }).click();
  await page.getByRole('button', { name: 'Only at certain hours' }).click();
  await page.getByRole('button', { name: 'By the sun' }).click();
  await page.getByText('Exceptions by date').click();
  await page.getByRole('button', { name: 'Add an exception' }).click();
  await page.getByRole('button', { name: 'Remove this exception' }).click();
  await page.getByText(/needs to know where the site lies/).waitFor();
  await page.getByRole('button', { name: 'Remove these hours' }).last().click();
  await page.getByRole('button', { name: 'Saturday' }).click();
  await page.getByLabel('To', { exact: true }).fill('18:30');
  await page.getByText(/MB a day|GB a day|kB a day/).waitFor();
  await page.getByRole('list', { name: 'Pictures a day' }).waitFor();
  expect.soft(await lookAt(page), 'the schedule').toMatchObject({ tooWidePx: 0, nameless: [], faint: [] });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('every 1 s, Mon–Sat 08:00 to 18:30').waitFor();
}

for (const colorScheme of ['light', 'dark'] as const)
  test(`on a phone in ${colorScheme} colours every page fits, everything has a name, and every text can be read`, async (context) => {
    const { page, complaints } = await openPage(context, { colorScheme, viewport: { width: 390, height: 844 } });
    const product = await openProduct();
    await product.startControlPlane();
    await product.startAgent().ready;
    const [timelapse] = await startTimelapses(await product.logIn(), 1);
    await logInOn(page, product.address);
    await until('a picture is on the wall', () => shownPicture(page), 20_000);
    const places = ['/', `/cameras/${timelapse?.cameraId}`, `/timelapses/${timelapse?.id}`, '/system', '/no-such-page'];
    for (const place of places) {
      await page.goto(product.address + place);
      await page.locator('h1, h2').first().waitFor({ state: 'attached' });
      await page.waitForLoadState('load');
      const seen = await lookAt(page);
      expect.soft(Math.min(seen.controls, seen.texts), `${place} was looked at`).toBeGreaterThan(3);
      expect.soft(seen, place).toMatchObject({ tooWidePx: 0, nameless: [], faint: [] });
    }
    await page.goto(`${product.address}/timelapses/${timelapse?.id}`);
    await giveHours(page);
    expect(complaints).toEqual([]);
  }, 90_000);
