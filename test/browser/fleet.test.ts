import { beforeAll, expect, test } from 'vitest';
import { buildDashboard, openPage } from '../rig/browser.ts';
import { logInToGallery, openTestGallery } from '../rig/open-gallery.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;

beforeAll(buildDashboard);

test('an agent has a page with its forecast, and what is removed by age is looked at before it is set', async (context) => {
  const { page, complaints } = await openPage(context);
  const gallery = await openTestGallery({
    sites: [{ name: 'Alp', timeZone: 'UTC', cameras: ['Hut'] }],
    agedMs: 4 * DAY,
  });
  const [hut] = gallery.cameras;
  if (hut === undefined) throw new Error('the gallery is empty');
  const then = Math.floor((Date.now() - 3 * DAY) / MINUTE) * MINUTE;
  await gallery.deliverAll([0, 1].map((minute) => ({ camera: hut, dueAt: then + minute * MINUTE })));
  await logInToGallery(page, gallery.address);

  await page.getByRole('link', { name: 'Fleet' }).click();
  await page.getByRole('link', { name: 'Box at Alp' }).click();
  await page.getByRole('heading', { name: 'Box at Alp' }).waitFor();
  const report = (backlogFrames: number, at: number) => {
    const device = {
      uptimeSeconds: 9,
      diskFreeBytes: 5e9,
      diskTotalBytes: 9e9,
      memoryFreeBytes: 1e9,
      memoryTotalBytes: 2e9,
      loadAverage: 0,
      temperatureCelsius: null,
      processMemoryBytes: 1,
      quarantinedFrames: 0,
      clock: 'synchronised',
      ffmpegVersion: null,
    };
    hut.agent.say('device.reported', { ...device, at, backlogFrames, backlogBytes: backlogFrames * 1e6 });
  };
  const began = Date.now();
  report(300, began + MINUTE);
  await page.getByText('300 frames').waitFor();
  report(240, began + 2 * MINUTE);
  await page.getByText(/empty in about (3|4) min, at 1 MB a second/).waitFor();

  await gallery.api.send('POST', `/api/timelapses/${hut.timelapseId}/complete`);
  await page.goto(`${gallery.address}/system/storage`);
  await page.getByLabel('Remove pictures after, days').fill('1');
  expect(await page.getByRole('button', { name: 'Set it' }).count(), 'not before a look').toBe(0);
  await page.getByRole('button', { name: 'See what would go' }).click();
  await page.getByText('Hut, this year: 2 of 2 pictures').waitFor();
  const removed = async () => (await gallery.api.get<{ frames: unknown }>('/api/retention')).frames;
  await page.getByRole('button', { name: 'Set it' }).click();
  await page
    .getByRole('alertdialog')
    .getByText(/^2 pictures/)
    .waitFor();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click();
  expect(await removed()).toBeNull();
  await page.getByRole('button', { name: 'Set it' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Set it' }).click();
  await page.getByText('It is set, and begins within the hour.').first().waitFor();
  expect(await removed()).toEqual({ thin: [], removeAfterDays: 1 });
  expect(complaints).toEqual([]);
});

test('somebody who was let in to look sees the system and nothing to change it with', async (context) => {
  const { page, complaints } = await openPage(context);
  const gallery = await openTestGallery({ sites: [{ name: 'Alp', timeZone: 'UTC', cameras: ['Hut'] }] });
  await logInToGallery(page, gallery.address);
  await page.goto(`${gallery.address}/system/people`);
  await page.getByRole('button', { name: 'Let somebody in' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Marta');
  await page.getByRole('dialog').getByRole('button', { name: 'Let somebody in' }).click();
  await page.getByText('This password is shown only now.').waitFor();
  const password = (await page.locator('.secret code').textContent()) ?? '';
  await page.context().clearCookies();
  await page.goto(gallery.address);
  await page.locator('input[name=name]').fill('Marta');
  await page.locator('input[name=password]').fill(password);
  await page.keyboard.press('Enter');
  await page.locator('input[name=current]').fill(password);
  await page.locator('input[name=next]').fill('a-password-of-martas-own');
  await page.locator('input[name=again]').fill('a-password-of-martas-own');
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Main' }).waitFor();

  const parts = page.getByRole('navigation', { name: 'Parts of the system' });
  await page.goto(`${gallery.address}/system/storage`);
  await page.getByRole('heading', { name: 'Stocktake' }).waitFor();
  expect(await parts.getByRole('link').allTextContents()).toEqual(['Overview', 'Alarms', 'Jobs', 'Storage', 'Sites']);
  expect(await page.getByLabel('Remove pictures after, days').isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: 'Compare' }).count()).toBe(0);
  await page.goto(`${gallery.address}/system/people`);
  await page.getByText('Your role does not show this.').waitFor();
  await page.goto(`${gallery.address}/fleet`);
  await page.getByRole('link', { name: 'Box at Alp' }).waitFor();
  expect(await page.getByRole('button', { name: 'Add an agent' }).count()).toBe(0);
  expect(complaints).toEqual([]);
});
