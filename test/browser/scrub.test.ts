import { beforeAll, expect, test } from 'vitest';
import { buildDashboard, openPage } from '../rig/browser.ts';
import { logInToGallery, openTestGallery } from '../rig/open-gallery.ts';
import { until } from '../rig/until.ts';

const MINUTE = 60_000;

beforeAll(buildDashboard);

/** What the scrubbed picture shows: its moment, and the brightness of its middle. */
const STILL = `(() => {
  const canvas = document.querySelector('.viewer-still');
  const [r, g, b] = canvas.hidden ? [0, 0, 0] : canvas.getContext('2d').getImageData(canvas.width / 2, 8, 1, 1).data;
  return { hidden: canvas.hidden, moment: Number(canvas.dataset.moment), light: r + g + b };
})()`;
interface Still {
  hidden: boolean;
  moment: number;
  light: number;
}

test('whoever drags along a day sees every moment, opens the one where they let go, looks closely and compares', async (context) => {
  const { page, complaints } = await openPage(context, { viewport: { width: 1280, height: 900 } });
  const gallery = await openTestGallery({
    sites: [{ name: 'Alp', timeZone: 'UTC', cameras: ['Hut'] }],
    agedMs: 2 * 86_400_000,
    everyMs: 20 * MINUTE,
  });
  const [camera] = gallery.cameras;
  if (camera === undefined) throw new Error('the gallery is empty');
  const midnight = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000;
  await gallery.deliverAll(
    Array.from({ length: 72 }, (_, index) => ({ camera, dueAt: midnight + index * 20 * MINUTE })),
  );
  const day = new Date(midnight).toISOString().slice(0, 10);
  await logInToGallery(page, `${gallery.address}/cameras/${camera.id}?day=${day}`);
  const track = page.locator('.scrub-track');
  await track.waitFor();
  await page.locator('.viewer .live-now').waitFor();
  const box = await track.boundingBox();
  if (box === null) throw new Error('the scrubber is not to be seen');
  const at = (hour: number) => [box.x + (box.width * hour) / 24, box.y + box.height / 2] as const;

  await page.mouse.move(...at(1));
  await page.mouse.down();
  await until('the night is shown', async () => (await page.evaluate<Still>(STILL)).hidden === false);
  const night = await page.evaluate<Still>(STILL);
  await page.mouse.move(...at(12), { steps: 10 });
  await until(
    'noon is shown',
    async () => Math.abs((await page.evaluate<Still>(STILL)).moment - (midnight + 12 * 60 * MINUTE)) <= 20 * MINUTE,
  );
  expect((await page.evaluate<Still>(STILL)).light).toBeGreaterThan(night.light + 100);
  await page.mouse.up();
  await until('its frame is in the address', () => page.url().includes('frame='));
  await until('the whole picture takes over', async () => (await page.evaluate<Still>(STILL)).hidden);

  await page.locator('.viewer-picture').dblclick({ position: { x: 200, y: 200 } });
  await page.locator('.viewer-picture.is-close').waitFor();
  await page.keyboard.press('0');
  await page.locator('.viewer-picture:not(.is-close)').waitFor();

  await page.keyboard.press('m');
  await page.getByRole('region', { name: 'Comparison' }).waitFor();
  expect(await page.locator('.compare img').count()).toBe(2);
  await page.getByRole('radio', { name: 'Side by side' }).click();
  await until('how is in the address', () => /with=frm-.*how=side/.test(page.url()));
  await page.reload();
  await page.locator('.compare-side img').first().waitFor();
  await page.getByRole('button', { name: 'End the comparison' }).click();
  await page.locator('.compare').waitFor({ state: 'detached' });

  await page.getByRole('radio', { name: 'Week' }).click();
  await page.locator('.curve .u-over').first().waitFor();
  await page.getByText(/Usual score 97/).waitFor();
  expect(complaints).toEqual([]);
}, 90_000);
