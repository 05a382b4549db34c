import type { Route } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { buildDashboard, openPage } from '../rig/browser.ts';
import { logInToGallery, openTestGallery } from '../rig/open-gallery.ts';
import { openReceiver } from '../rig/receiver.ts';
import { until } from '../rig/until.ts';

const DEVICE = {
  uptimeSeconds: 9,
  diskFreeBytes: 5e9,
  diskTotalBytes: 9e9,
  memoryFreeBytes: 1e9,
  memoryTotalBytes: 2e9,
  loadAverage: 0,
  temperatureCelsius: null,
  processMemoryBytes: 1,
  quarantinedFrames: 0,
  clock: 'untrusted',
  ffmpegVersion: null,
  backlogFrames: 0,
  backlogBytes: 0,
};

beforeAll(buildDashboard);

test('an alarm shows by itself and somebody says they know; where alarms are told is added, and a test says what came of it', async (context) => {
  const { page, complaints } = await openPage(context);
  const receiver = await openReceiver();
  const gallery = await openTestGallery({
    sites: [{ name: 'Alp', timeZone: 'UTC', cameras: ['Hut'] }],
    settings: { SLOWLIGHT_OUTBOUND_NETWORKS: '127.0.0.0/8' },
  });
  gallery.agents[0]?.say('device.reported', { ...DEVICE, at: Date.now() + 60_000 });
  await logInToGallery(page, gallery.address);
  await page.goto(`${gallery.address}/system/alarms`);
  await page.getByRole('heading', { name: 'Nothing is wrong' }).waitFor();

  await page.getByRole('button', { name: 'Add a place' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('How', { exact: true }).selectOption('webhook');
  await dialog.getByLabel('Name', { exact: true }).fill('Porter');
  await dialog.getByLabel('Address').fill(receiver.url);
  await dialog.getByLabel('Which alarms').selectOption('some');
  await dialog.getByText('An agent does not know the time').click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('It is shown only now').waitFor();
  const secret = (await dialog.locator('.secret code').textContent()) ?? '';
  expect(secret).toMatch(/^whsec_/);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('secret saved').waitFor();
  await page.getByText('only 1 kind of alarm').waitFor();
  expect(await page.locator('body').textContent()).not.toContain(secret);

  const tryIt = page.getByRole('button', { name: 'Send a test: Porter' });
  await tryIt.click();
  await page.getByText('The test was sent and taken.').waitFor();
  expect(receiver.received).toHaveLength(1);
  expect(receiver.received[0]?.headers).toHaveProperty('webhook-signature');
  receiver.answer = { status: 403 };
  await tryIt.click();
  await page.getByText('The test did not get through: ').waitFor();
  receiver.answer = { status: 200 };

  await page.getByLabel('An agent does not know the time: after … minutes').fill('0');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The rules are saved').first().waitFor();
  await page.getByRole('link', { name: 'Box at Alp does not know' }).waitFor();
  await page.getByRole('link', { name: 'System 1 open' }).waitFor();
  // Shown before the server has answered, and taken back where it says no.
  const answer = Promise.withResolvers<void>();
  const refuse = async (route: Route) => {
    await answer.promise;
    await route.fulfill({ status: 500, contentType: 'application/problem+json', json: { detail: 'Not today.' } });
  };
  await page.route(/\/api\/alarms\/[^/?]+$/, refuse, { times: 1 });
  await page.getByRole('button', { name: 'I know' }).click();
  await page.getByText('admin knows').waitFor();
  answer.resolve();
  await page.getByText('Not today.').first().waitFor();
  await page.getByText('admin knows').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'I know' }).click();
  await page.getByText('admin knows').waitFor();
  const known = async () =>
    (await gallery.api.get<{ items: { acknowledgedBy: string | null }[] }>('/api/alarms?state=open')).items;
  await until('the server knows it too', async () => (await known())[0]?.acknowledgedBy === 'admin');

  // A site's own rule is its own alone, and can be given back.
  const clock = 'An agent does not know the time';
  await page.getByLabel('Rules of').selectOption({ label: 'Alp' });
  await page.getByText('The server’s disk is filling up').waitFor({ state: 'detached' });
  await page.getByLabel(`${clock}: after … minutes`).fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: `As in the house: ${clock}` }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await until('it is as in the house', async () => {
    const figure = page.getByLabel(`${clock}: after … minutes`);
    return (await figure.inputValue()) === '0';
  });

  await page.goto(`${gallery.address}/system/logs?level=warn`);
  await page.getByText('Lines come as they are written').waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText(/^Paused/).waitFor();
  await page.goto(`${gallery.address}/system/alarms`);
  await page.getByRole('button', { name: 'Delete: Porter' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('heading', { name: 'Alarms are told nowhere yet' }).waitFor();
  expect(complaints).toEqual([]);
});
