import { beforeAll, expect, test } from 'vitest';
import { axeFaults } from '../rig/axe.ts';
import { buildDashboard, openPage } from '../rig/browser.ts';
import { openDevice, openSecureHouse } from '../rig/enrolling.ts';
import { openFolder } from '../rig/folder.ts';
import { until } from '../rig/until.ts';
import { HOUSE_PASSWORD } from '../rig/whole-plane.ts';

beforeAll(buildDashboard);

test('whoever adds an agent gets one line for its device, compares the key of the device that waits, lets it in, and can revoke it, all on the pages', async (context) => {
  const { page, complaints } = await openPage(context);
  const house = await openSecureHouse(await openFolder());
  await house.site();
  await page.goto(house.plane.address);
  await page.getByLabel('Name').fill('admin');
  await page.getByLabel('Password').fill(HOUSE_PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('navigation').waitFor();
  await page.goto(`${house.plane.address}/fleet`);

  await page.getByRole('button', { name: 'Add an agent' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Mast');
  await dialog.getByLabel('I accept the device by hand').check();
  await dialog.getByRole('button', { name: 'Add an agent' }).click();
  await dialog.getByText('Run this on the device').waitFor();
  const command = (await dialog.locator('.secret code').textContent()) ?? '';
  expect(command).toMatch(/^slowlight-agent enroll https:\S+ \S{43} --pin sha256:[0-9a-f]{64}$/);
  const code = dialog.getByAltText('The command as a QR code');
  expect(await code.evaluate((img: { naturalWidth: number }) => img.naturalWidth)).toBeGreaterThan(20);
  expect(await axeFaults(page), 'the dialog with the command').toEqual([]);
  await page.keyboard.press('Escape');

  const device = await openDevice();
  const enrolling = device.enroll(command);
  const key = await until('the device shows its key', () => /key ([0-9a-f-]{19})/.exec(enrolling.complaint())?.[1]);
  const waiting = page.getByRole('region', { name: 'Devices that want to come in' });
  await waiting.getByText(key).waitFor();
  await waiting.getByRole('button', { name: 'Accept' }).click();
  expect(await enrolling.ended, enrolling.complaint()).toBe(0);
  await waiting.waitFor({ state: 'detached' });
  const agent = page.locator('.agent', { hasText: 'Mast' });
  await agent.waitFor();
  device.run();
  await agent.getByText('Online').waitFor();

  await agent.getByRole('button', { name: 'Ask the agent: Mast' }).click();
  await page.getByRole('menuitem', { name: 'Revoke…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
  await agent.getByText('Offline').waitFor();
  await agent.getByText('Revoked').waitFor();
  expect(complaints).toEqual([]);
});
