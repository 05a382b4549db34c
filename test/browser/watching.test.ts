import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { buildDashboard, lookAt, openPage } from '../rig/browser.ts';
import { openProduct, PASSWORD, startTimelapses } from '../rig/open-product.ts';
import { until } from '../rig/until.ts';

beforeAll(buildDashboard);

async function logInOn(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation').waitFor();
}

test('whoever watches a camera sees it change, tries a shape before it is saved, and asks an agent what waits', async (context) => {
  const { page, complaints } = await openPage(context);
  const product = await openProduct();
  await product.startControlPlane();
  await product.startAgent().ready;
  const api = await product.logIn();
  await startTimelapses(api, 1, 60_000);
  await logInOn(page, product.address);
  await page.getByText('Test 1').first().click();

  await page.getByRole('button', { name: 'More about this camera' }).click();
  await page.getByRole('menuitem', { name: 'Live look' }).click();
  const still = page.getByAltText('What Test 1 shows now');
  await still.waitFor();
  const first = await still.getAttribute('src');
  await until('another still is shown', async () => (await still.getAttribute('src')) !== first);
  expect(await lookAt(page)).toMatchObject({ tooWidePx: 0, nameless: [], faint: [] });
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'More about this camera' }).click();
  await page.getByRole('menuitem', { name: 'Edit camera' }).click();
  await page.getByLabel('Rotate').selectOption({ label: '90° clockwise' });
  await page.getByRole('button', { name: 'Test shot' }).click();
  await page.getByText('180 × 320, score').waitFor();
  expect(await lookAt(page)).toMatchObject({ tooWidePx: 0, nameless: [], faint: [] });
  await page.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('link', { name: 'Fleet' }).click();
  await page.locator('a[href^="/fleet/"]').first().click();
  await page.getByRole('button', { name: 'What waits for delivery' }).click();
  await page
    .getByRole('list', { name: 'Asked and answered' })
    .getByText(/frames?, /)
    .waitFor();
  expect(await lookAt(page)).toMatchObject({ tooWidePx: 0, nameless: [], faint: [] });
  expect(complaints).toEqual([]);
});
