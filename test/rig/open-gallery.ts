import type { Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { GALLERY_PASSWORD, type Gallery, type GalleryOptions, openGallery } from '../gallery/gallery.ts';

/** A gallery that goes with the test. */
export async function openTestGallery(options: GalleryOptions): Promise<Gallery> {
  const gallery = await openGallery({ widthPx: 320, heightPx: 180, ...options });
  onTestFinished(gallery.close);
  return gallery;
}

/** Logs in on the page that asks for it, whatever its language. */
export async function logInToGallery(
  page: Page,
  address: string,
  name = 'admin',
  password = GALLERY_PASSWORD,
): Promise<void> {
  await page.goto(address);
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').waitFor();
}
