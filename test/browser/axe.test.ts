import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { axeFaults } from '../rig/axe.ts';
import { buildDashboard, openPage } from '../rig/browser.ts';
import { logInToGallery, openTestGallery } from '../rig/open-gallery.ts';

const MINUTE = 60_000;

beforeAll(buildDashboard);

/** What opens on a page beside what its address shows. */
const windows = (timelapse: string): Record<string, { at: string; open: (page: Page) => Promise<unknown> }> => ({
  'the wall’s menu': { at: '/', open: (page) => page.getByRole('button', { name: 'View', exact: true }).click() },
  'the shortcuts': {
    at: '/',
    async open(page) {
      await page.getByRole('heading', { name: 'Hut' }).waitFor();
      await page.keyboard.press('?');
    },
  },
  'the new camera': { at: '/', open: (page) => page.getByRole('button', { name: 'Add a camera' }).click() },
  'the schedule': { at: timelapse, open: (page) => page.getByRole('button', { name: 'Edit timelapse' }).click() },
  'a new rule': { at: `${timelapse}/rules`, open: (page) => page.getByRole('button', { name: 'New rule' }).click() },
  'a place for alarms': {
    at: '/system/alarms',
    async open(page) {
      await page.getByRole('button', { name: 'Add a place' }).click();
      await page.getByLabel('Which alarms').selectOption('some');
    },
  },
});

for (const colorScheme of ['light', 'dark'] as const)
  test(`axe-core finds nothing against WCAG A and AA on any page in ${colorScheme} colours`, async (context) => {
    const { page, complaints } = await openPage(context, { colorScheme });
    const gallery = await openTestGallery({
      sites: [{ name: 'Alp', timeZone: 'UTC', cameras: ['Hut', 'Lake'] }],
      agedMs: 3_600_000,
    });
    const [hut, lake] = gallery.cameras;
    if (hut === undefined || lake === undefined) throw new Error('the gallery is empty');
    const now = Math.floor(Date.now() / MINUTE) * MINUTE;
    const older = await gallery.deliver(hut, now - 3 * MINUTE);
    await gallery.deliverAll(
      [1, 2].map((minute) => ({ camera: hut, dueAt: now - minute * MINUTE, faults: minute === 1 ? ['blurred'] : [] })),
    );
    await page.goto(gallery.address);
    await page.locator('input[name=password]').waitFor();
    expect.soft(await axeFaults(page), 'the login').toEqual([]);
    await logInToGallery(page, gallery.address);
    const places = [
      '/',
      '/?group=site&kiosk=600',
      '/?find=nothing-like-it',
      `/cameras/${hut.id}`,
      `/cameras/${hut.id}?with=${older}&how=side`,
      `/cameras/${lake.id}?view=grid`,
      `/timelapses/${hut.timelapseId}`,
      `/timelapses/${hut.timelapseId}/calendar`,
      `/timelapses/${hut.timelapseId}/frames`,
      `/timelapses/${hut.timelapseId}/overlay`,
      `/timelapses/${hut.timelapseId}/rules`,
      `/timelapses/${hut.timelapseId}?make=true`,
      `/overlays/ovt-builtin-complete?timelapse=${hut.timelapseId}`,
      '/new',
      '/fleet',
      `/fleet/${hut.agent.id}`,
      '/system',
      ...['alarms', 'jobs', 'storage', 'sites', 'houses', 'people', 'tokens', 'audit', 'logs'].map(
        (part) => `/system/${part}`,
      ),
      '/no-such-page',
    ];
    for (const place of places) {
      await page.goto(gallery.address + place);
      await page.locator('h1, h2').first().waitFor({ state: 'attached' });
      await page.locator('.waiting, main [aria-busy=true]').first().waitFor({ state: 'detached' });
      expect.soft(await axeFaults(page), place).toEqual([]);
    }
    for (const [name, { at, open }] of Object.entries(windows(`/timelapses/${hut.timelapseId}`))) {
      await page.goto(gallery.address + at);
      await page.locator('h1, h2').first().waitFor({ state: 'attached' });
      await open(page);
      await page.locator('[role=menu], [role=dialog]').first().waitFor();
      expect.soft(await axeFaults(page), name).toEqual([]);
    }
    expect(complaints, 'nothing on any page was forbidden by the CSP').toEqual([]);
    await page.evaluate(
      `document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }))`,
    );
    await expect.poll(() => complaints.join()).toContain('forbidden by the CSP: script-src');
    expect(await page.evaluate('window.ran'), 'a script that was slipped in does not run').toBeUndefined();
  }, 180_000);
