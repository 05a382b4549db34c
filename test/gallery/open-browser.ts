import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { GALLERY_PASSWORD } from './gallery.ts';

const PROGRAMS = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** @throws Error with what to install when there is no Chromium */
export function openBrowser(): Promise<Browser> {
  const program = PROGRAMS.find((one) => one !== undefined && existsSync(one));
  if (program === undefined)
    throw new Error('Chromium is needed for this: apt-get install chromium, or name it in CHROMIUM.');
  return chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'],
  });
}

/** A page on which the administrator of a gallery is logged in. */
export async function openGalleryPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const own = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await own.newPage();
  await page.goto(address);
  await page.locator('input[name=name]').fill('admin');
  await page.locator('input[name=password]').fill(GALLERY_PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').waitFor();
  return page;
}
