import { Secret, TOTP } from 'otpauth';
import { beforeAll, expect, test } from 'vitest';
import { buildDashboard, DIST, openPage } from '../rig/browser.ts';
import { openHttpServer } from '../rig/http-server.ts';
import { furnish } from '../rig/people.ts';

beforeAll(buildDashboard);

test('whoever comes in with a password that was made up sees nothing but the way to one of their own, then sets up a second factor and logs in with it', async (context) => {
  const { page, complaints } = await openPage(context);
  const server = await openHttpServer({ dashboardFolder: DIST });
  const { client: admin } = await server.logIn();
  const { password } = (await admin('POST', '/api/users', { body: { name: 'Ada', role: 'viewer' } })).body;
  const logIn = async (secret: string) => {
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('Password').fill(secret);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
  };
  await page.goto(server.address);
  await logIn(password);
  await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
  await page.getByLabel('Current password').fill(password);
  await page.getByLabel('New password', { exact: true }).fill('a-password-of-my-own');
  await page.getByLabel('New password again').fill('a-password-of-my-own');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByRole('navigation').waitFor();

  const menu = () => page.getByRole('button', { name: 'Account menu of Ada' }).click();
  await menu();
  await page.getByRole('menuitem', { name: 'Account and sessions…' }).click();
  await page.getByText('this browser').waitFor();
  await page.getByRole('button', { name: 'Set it up…' }).click();
  await page.getByLabel('Your password').fill('a-password-of-my-own');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('img', { name: 'QR code for an authenticator' }).waitFor();
  const key = (await page.getByRole('dialog').locator('code').first().textContent()) ?? '';
  const code = (later = 0) => new TOTP({ secret: Secret.fromBase32(key) }).generate({ timestamp: Date.now() + later });
  await page.getByRole('textbox', { name: 'Code' }).fill(code());
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Keep these where you find them').waitFor();
  await page.keyboard.press('Escape');
  await menu();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await logIn('a-password-of-my-own');
  // The one that confirmed it counts no more; the next one does.
  await page.getByRole('textbox', { name: 'Code' }).fill(code(30_000));
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('navigation').waitFor();
  expect(complaints).toEqual([]);
});

test('whoever has a link sees its pictures without a login, also inside a page that the link names and in no other', async (context) => {
  const { page, complaints } = await openPage(context);
  const server = await openHttpServer({ dashboardFolder: DIST });
  const { client: admin } = await server.logIn();
  const own = await furnish(server, admin, 'Harbour');
  const share = async (embeddedBy: string[]) =>
    (await admin('POST', '/api/shares', { body: { name: 'The harbour', timelapseId: own.timelapse, embeddedBy } })).body
      .token;
  await page.goto(`${server.address}/s/${await share([])}`);
  await page.getByRole('heading', { name: 'The harbour' }).waitFor();
  await page
    .getByRole('img', { name: /^The harbour/ })
    .first()
    .waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
  const scripts = await page.evaluate<string[]>(
    `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter((name) => name.endsWith('.js'))`,
  );
  expect(scripts.some((name) => name.startsWith('/assets/shared-'))).toBe(true);
  expect(scripts.filter((name) => name.startsWith('/assets/dashboard-'))).toEqual([]);
  await page.goto(`${server.address}/embed/${await share([])}`);
  await page.getByRole('img', { name: /^The harbour/ }).waitFor();
  await page.goto(`${server.address}/s/${'A'.repeat(43)}`);
  await page.getByRole('heading', { name: 'This link shows nothing (any more).' }).waitFor();
  expect(complaints).toEqual([]);
});
