import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { axeFaults } from '../rig/axe.ts';
import { buildDashboard, lookAt, openPage } from '../rig/browser.ts';
import { openProduct, PASSWORD } from '../rig/open-product.ts';
import { seedCampaign } from '../rig/seeded-campaign.ts';
import { until } from '../rig/until.ts';

/** From opening the wizard to the first picture. */
const WIZARD_MS = 120_000;
const CLEAN = { tooWidePx: 0, nameless: [], faint: [] };

beforeAll(buildDashboard);

async function logInOn(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation').first().waitFor();
}

test('first run: from the empty wall through the wizard to the first picture in less than two minutes, and to a film that plays', async (context) => {
  const { page, complaints } = await openPage(context);
  const product = await openProduct();
  await product.startControlPlane();
  await product.startAgent().ready;
  await logInOn(page, product.address);
  const begun = performance.now();
  await page.getByRole('link', { name: 'Set up a camera, step by step' }).click();
  await page.getByRole('button', { name: 'Find cameras' }).click();
  await page.getByRole('button', { name: 'Search again' }).waitFor();
  await page.getByLabel('Source').selectOption({ label: 'Test picture' });
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByText('The camera works.').waitFor();
  await page.getByText('Turn it, cut it or give it another shape').click();
  await page.getByRole('button', { name: 'Right edge' }).press('Shift+ArrowLeft');
  await page.getByText('1216 × 720 px of the source.').waitFor();
  expect(await lookAt(page)).toMatchObject(CLEAN);
  expect(await axeFaults(page)).toEqual([]);

  // The address says where somebody is: a reload goes on there.
  await page.getByRole('button', { name: 'Looks good' }).click();
  await page.getByText('How often shall it take a picture?').waitFor();
  await page.reload();
  await page.getByText('My own').click();
  await page.getByLabel('Every', { exact: true }).fill('1');
  await page.getByLabel('Unit').selectOption({ label: 'seconds' });
  await page.getByText(/86,(399|400|401) pictures a day/).waitFor();
  expect(await lookAt(page)).toMatchObject(CLEAN);
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByText('The first picture is here.').waitFor();
  expect(performance.now() - begun).toBeLessThan(WIZARD_MS);

  await page.getByRole('link', { name: 'Films', exact: true }).click();
  const make = page.getByRole('button', { name: 'Make a film' });
  await until('there are frames for a film', () => make.isEnabled(), 30_000);
  await make.click();
  await page.getByText(/frames make a film of/).waitFor();
  await page.getByText(/^Picture \d+ of \d+$/).waitFor();
  const where = page.getByRole('slider', { name: 'Where in the film' });
  await where.press('End');
  await page.getByText(/^Picture (\d+) of \1$/).waitFor();
  await where.press('Home');
  await page.getByText(/^Picture 1 of \d+$/).waitFor();
  await page.getByLabel('With a title before the first picture').check();
  await page.getByLabel('Title', { exact: true }).fill('The first film\nof this house');
  await page.getByLabel('For so many seconds').fill('1');
  await page.getByLabel('Fade from frame to frame').check();
  await page.getByAltText('The title of the film').waitFor();
  expect(await lookAt(page)).toMatchObject(CLEAN);
  expect(await axeFaults(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Make a film' }).click();
  await page.getByRole('button', { name: 'Play', exact: true }).click({ timeout: 60_000 });
  const film = page.getByRole('dialog').locator('video');
  const timeOf = () => film.evaluate((video) => (video as unknown as { currentTime: number }).currentTime);
  await until('the film plays', async () => (await timeOf()) > 0, 20_000);
  // Behind its title too, in the stream.
  await until('its pictures play', async () => (await timeOf()) > 1.1, 20_000);
  expect(await axeFaults(page)).toEqual([]);
  await page.getByLabel('Play at').selectOption({ label: '0.5×' });
  await page.getByRole('button', { name: /^Keep this speed: 12 pictures/ }).click();
  await page.getByText('The film gets its new speed.', { exact: true }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click();
  await page.getByRole('button', { name: 'Animated preview' }).click();
  await page.getByRole('link', { name: /^WebP, / }).waitFor({ timeout: 60_000 });
  expect(await lookAt(page)).toMatchObject(CLEAN);
  expect(await axeFaults(page)).toEqual([]);
  expect(complaints).toEqual([]);
}, 240_000);

test('whoever looks after a place finds its gaps, leaves frames out of films, and lays an overlay over it by mouse and by keys', async (context) => {
  const { page, complaints } = await openPage(context);
  const product = await openProduct();
  const { timelapseId, firstDay } = await seedCampaign(product.dataDir, { days: 4 });
  await product.startControlPlane();
  const at = `${product.address}/timelapses/${timelapseId}`;
  await logInOn(page, `${at}/calendar`);

  // The fourth day has a gap of six hours, which the calendar knows and the day's panel explains.
  const day = new Date(firstDay + 3 * 86_400_000).toISOString().slice(0, 10);
  const cell = page.locator(`[data-day="${day}"]`);
  expect(await cell.getAttribute('aria-label')).toMatch(/75 % of 24 planned/);
  await cell.click();
  await page.getByText('1 gap', { exact: true }).click();
  await page.getByText(/6 slots missed: the agent was not running/).waitFor();
  await page.keyboard.press('[');
  await until('the address says the day', () => !page.url().includes(day) && page.url().includes('day='));
  expect(await lookAt(page)).toMatchObject(CLEAN);

  const second = new Date(firstDay + 86_400_000).toISOString().slice(0, 10);
  await page.goto(`${at}/frames?day=${second}`);
  const shots = page.getByRole('list', { name: 'Frames' }).getByRole('listitem');
  await until('the day is here', async () => (await shots.count()) === 23);
  await shots.nth(2).getByRole('checkbox').click();
  await shots
    .nth(5)
    .getByRole('checkbox')
    .click({ modifiers: ['Shift'] });
  await page.getByText('4 frames selected').waitFor();
  await page.getByRole('button', { name: 'Leave out of films' }).click();
  await page.getByText('4 frames are changed.', { exact: true }).waitFor();
  expect(await lookAt(page)).toMatchObject(CLEAN);
  await page.getByText('Left out', { exact: true }).click();
  await until('those that are left out are listed', async () => (await shots.count()) === 4);
  await shots.first().getByRole('button').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Show in films' }).click();
  await page.keyboard.press('Escape');
  await until('one is back in films', async () => (await shots.count()) === 3);

  await page.goto(`${at}/overlay`);
  await page.getByRole('button', { name: 'Show this: Timestamp' }).click();
  await page.getByRole('link', { name: 'Edit for this timelapse' }).click();
  const handle = page.getByRole('button', { name: /^Date and time, / }).and(page.locator('.handle'));
  await handle.waitFor();
  const stage = await page.locator('.stage').boundingBox();
  const box = await handle.boundingBox();
  if (stage === null || box === null) throw new Error('nothing to drag');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(stage.x + stage.width * 0.5, stage.y + stage.height * 0.5, { steps: 4 });
  await page.mouse.move(stage.x + stage.width * 0.1, stage.y + stage.height * 0.1, { steps: 4 });
  await page.mouse.up();
  const named = (where: string) => page.getByRole('button', { name: `Date and time, ${where}` }).waitFor();
  await named('top left');
  await until('the picture is drawn anew, with the element in its new place', async () => {
    const now = await page.locator('.handle').boundingBox();
    return now !== null && now.y < stage.y + stage.height / 4 && now.x < stage.x + stage.width / 4;
  });
  await page.keyboard.press('Control+z');
  await named('bottom right');
  await page.keyboard.press('Control+Shift+z');
  await named('top left');
  await page.locator('.handle').focus();
  await page.keyboard.press('ArrowRight');
  await named('top');
  expect(await lookAt(page)).toMatchObject(CLEAN);
  expect(await axeFaults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('This timelapse shows it now.', { exact: true }).waitFor();

  const api = await product.logIn();
  const overlay = await api.get<{ changes: { elements: { id: string; anchor: string }[] } }>(
    `/api/timelapses/${timelapseId}/overlay`,
  );
  expect(overlay.changes.elements).toMatchObject([{ id: 'date-time', anchor: 'top' }]);
  expect(complaints).toEqual([]);
}, 180_000);
