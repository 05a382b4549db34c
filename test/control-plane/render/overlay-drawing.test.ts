import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { contentOf } from '@slowlight/control-plane/src/render/overlay/content.ts';
import { createFonts } from '@slowlight/control-plane/src/render/overlay/fonts.ts';
import {
  fillCanvas,
  fillSheet,
  planStrips,
  type Size,
} from '@slowlight/control-plane/src/render/overlay/overlay-canvas.ts';
import { createOverlayRenderer } from '@slowlight/control-plane/src/render/overlay/overlay-renderer.ts';
import { createTypesetter } from '@slowlight/control-plane/src/render/overlay/typeset.ts';
import { overlayAnchor, overlayElement } from '@slowlight/protocol';
import pixelmatch from 'pixelmatch';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { drawGolden } from '../../rig/overlay-golden.ts';
import { drawOne, edgesOf, FACTS, GOLDENS, LOGO, prepare } from '../../rig/overlay-scene.ts';

const FOLDER = path.join(import.meta.dirname, 'overlay-goldens');
const HD: Size = { widthPx: 1280, heightPx: 720 };
const rgba = async (png: Buffer) => sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
const words = (element: object, facts = FACTS) => {
  const content = contentOf(overlayElement.parse({ id: 'it', anchor: 'top', ...element }), facts);
  return content?.kind === 'words' ? content.text : content;
};

describe('an overlay', () => {
  for (const golden of GOLDENS)
    test(`looks as it always did: ${golden.name}`, async () => {
      const [ours, kept] = await Promise.all([
        drawGolden(golden).then(rgba),
        readFile(path.join(FOLDER, `${golden.name}.png`)).then(rgba),
      ]);
      expect([ours.info.width, ours.info.height]).toEqual([kept.info.width, kept.info.height]);
      const different = pixelmatch(ours.data, kept.data, undefined, ours.info.width, ours.info.height, {
        threshold: 0.1,
      });
      expect(different / (ours.info.width * ours.info.height)).toBeLessThan(0.001);
    });

  test('lies by its own edges, on every size and shape of picture', async () => {
    const sizes: Size[] = [
      { widthPx: 320, heightPx: 240 },
      { widthPx: 1080, heightPx: 1920 },
      { widthPx: 3840, heightPx: 2160 },
    ];
    for (const canvas of sizes)
      for (const anchor of overlayAnchor.options) {
        const margin = Math.round(canvas.heightPx * 0.02);
        const { edges } = await drawOne({ kind: 'text', anchor, text: 'Edge' }, canvas);
        if (edges === null) throw new Error('nothing was drawn');
        const about = `${anchor} on ${canvas.widthPx}`;
        if (anchor.endsWith('left')) expect(edges.left, about).toBe(margin);
        if (anchor.endsWith('right')) expect(edges.right, about).toBe(margin);
        if (anchor.startsWith('top')) expect(edges.top, about).toBe(margin);
        if (anchor.startsWith('bottom')) expect(edges.bottom, about).toBe(margin);
        if (!/left|right/.test(anchor)) expect(Math.abs(edges.left - edges.right), about).toBeLessThanOrEqual(1);
        if (!/top|bottom/.test(anchor)) expect(Math.abs(edges.top - edges.bottom), about).toBeLessThanOrEqual(1);
      }
  });

  test('keeps its right edge while its words change, also when it is turned', async () => {
    for (const rotationDegrees of [0, 90])
      for (const said of ['1', 'Something longer']) {
        const element = { kind: 'text', anchor: 'bottom-right', text: said, style: { rotationDegrees } };
        const { edges } = await drawOne(element, HD);
        expect([edges?.right, edges?.bottom]).toEqual([14, 14]);
      }
  });

  test('never leaves the picture, however long its words are', async () => {
    const text = 'Words and Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüsselloch '.repeat(6);
    for (const canvas of [{ widthPx: 320, heightPx: 240 }, { widthPx: 405, heightPx: 720 }, HD])
      for (const anchor of ['top-left', 'centre', 'bottom-right']) {
        const { edges } = await drawOne({ kind: 'text', anchor, text: text.trim(), style: { sizePercent: 8 } }, canvas);
        if (edges === null) throw new Error('nothing was drawn');
        expect(Math.min(edges.left, edges.top, edges.right, edges.bottom)).toBeGreaterThanOrEqual(4);
      }
  });

  test('fades as a whole, and where nothing is drawn the picture is untouched', async () => {
    const element = { kind: 'text', anchor: 'centre', text: 'Half' };
    const whole = fillCanvas((await drawOne(element, HD)).pieces, HD);
    const half = fillCanvas((await drawOne(element, HD, { opacity: 0.5 })).pieces, HD);
    let seen = 0;
    let farthest = 0;
    for (let at = 3; at < whole.length; at += 4) {
      farthest = Math.max(farthest, Math.abs((half[at] ?? 0) - (whole[at] ?? 0) / 2));
      if (whole[at] !== 0) seen += 1;
    }
    expect(farthest).toBeLessThanOrEqual(0.5);
    expect(seen).toBeGreaterThan(500);
    expect(seen).toBeLessThan(HD.widthPx * HD.heightPx * 0.02);
  });

  test('is the same to the pixel as sheets of a film and as a whole picture', async () => {
    const { layout } = GOLDENS.find(({ name }) => name === 'effects') ?? { layout: { elements: [] } };
    const overlay = await prepare(layout);
    const pieces = await overlay.draw(FACTS, HD);
    const plan = planStrips(overlay.boxes(FACTS, HD), HD);
    if (plan === null) throw new Error('nothing was planned');
    const sheet = fillSheet(pieces, plan);
    const canvas = fillCanvas(pieces, HD);
    const put = Buffer.alloc(canvas.length);
    for (const { leftPx, topPx, widthPx, heightPx, sheetTopPx } of plan.strips)
      for (let y = 0; y < heightPx; y += 1) {
        const from = (sheetTopPx + y) * plan.widthPx * 4;
        put.set(sheet.subarray(from, from + widthPx * 4), ((topPx + y) * HD.widthPx + leftPx) * 4);
      }
    expect(put.equals(canvas)).toBe(true);
    expect(plan.widthPx * plan.heightPx).toBeLessThan(HD.widthPx * HD.heightPx);
    for (const { leftPx, topPx, widthPx, heightPx } of plan.strips)
      expect([leftPx, topPx, widthPx, heightPx].map((px) => px % 2)).toEqual([0, 0, 0, 0]);
  });

  test('has another digest exactly when something else is seen', async () => {
    const overlay = await prepare({
      elements: [
        { kind: 'time', id: 'time', anchor: 'top', pattern: 'HH:mm' },
        { kind: 'temperature', id: 'temperature', anchor: 'top' },
      ],
    });
    const first = overlay.digest(FACTS, HD);
    expect(overlay.digest({ ...FACTS, at: FACTS.at + 1000, frameNumber: 9, cameraName: 'Other' }, HD)).toBe(first);
    expect(overlay.digest({ ...FACTS, at: FACTS.at + 60_000 }, HD)).not.toBe(first);
    expect(overlay.digest({ ...FACTS, weather: null }, HD)).not.toBe(first);
    expect(overlay.digest(FACTS, { widthPx: 1280, heightPx: 722 })).not.toBe(first);
  });

  test('leaves out what is not known, and what is stacked below moves up', async () => {
    const elements = [
      { kind: 'temperature', id: 'temperature', anchor: 'top-left', icon: true },
      { kind: 'conditions', id: 'conditions', anchor: 'top-left' },
      { kind: 'wind', id: 'wind', anchor: 'top-left' },
      { kind: 'sun-position', id: 'sun', anchor: 'top-left' },
      { kind: 'image', id: 'gone', anchor: 'top-left', assetId: 'ast-00000000000000bb' },
      { kind: 'progress-bar', id: 'bar', anchor: 'top-left' },
      { kind: 'text', id: 'text', anchor: 'top-left', text: 'Known' },
    ];
    const unknown = { ...FACTS, weather: null, latitude: null, longitude: null, progress: null };
    const overlay = await prepare({ elements: elements as never });
    const left = await overlay.draw(unknown, HD);
    expect(left).toHaveLength(1);
    expect(edgesOf(left, HD)?.top).toBe(14);
    expect(await overlay.draw(FACTS, HD)).toHaveLength(6);
    expect(await (await prepare({ elements: [] })).draw(FACTS, HD)).toEqual([]);
  });

  test('shows a logo in its own shape, and asks the store for it once', async () => {
    let asked = 0;
    const logo = await sharp({ create: { width: 300, height: 100, channels: 4, background: '#f00' } })
      .png()
      .toBuffer();
    const renderer = createOverlayRenderer({
      readAsset: async () => {
        asked += 1;
        return { type: 'image/png', widthPx: 300, heightPx: 100, bytes: logo };
      },
    });
    const image = { kind: 'image', id: 'logo', anchor: 'top-left', assetId: LOGO, style: { sizePercent: 10 } } as const;
    const style = { background: null, paddingPercent: 0 };
    for (let time = 0; time < 2; time += 1) {
      const pieces = await (await prepare({ style, elements: [image] }, renderer)).draw(FACTS, HD);
      expect(edgesOf(pieces, HD)).toEqual({ left: 14, top: 14, right: 1280 - 14 - 216, bottom: 720 - 14 - 72 });
    }
    expect(asked).toBe(1);
  });
});

describe('an element says', () => {
  test.each([
    [{ kind: 'frame-number', digits: 6, before: '#' }, '#000123'],
    [{ kind: 'frame-number', digits: 2 }, '123'],
    [{ kind: 'day-number', digits: 3, before: 'Day ' }, 'Day 012'],
    [{ kind: 'date', pattern: 'd LLLL yyyy', locale: 'fr' }, '15 janvier 2026'],
    [{ kind: 'date-time', pattern: "cccc 'at' HH:mm", locale: 'en' }, 'Thursday at 12:34'],
    [{ kind: 'temperature' }, '−4 °C'],
    [{ kind: 'temperature', unit: 'fahrenheit', decimals: 1 }, '24.1 °F'],
    [{ kind: 'temperature', decimals: 1, locale: 'de' }, '−4,4 °C'],
    [{ kind: 'conditions', locale: 'de-AT' }, 'Schnee'],
    [{ kind: 'conditions', names: { snow: 'Neige' } }, 'Neige'],
    [{ kind: 'wind' }, '5 m/s E'],
    [{ kind: 'wind', unit: 'km/h', direction: 'degrees' }, '19 km/h 100°'],
    [{ kind: 'wind', locale: 'de' }, '5 m/s O'],
    [{ kind: 'sun-position' }, '20° · 188°'],
    [{ kind: 'quality-score', after: '/100' }, '97/100'],
    [{ kind: 'text', text: 'Day {day:3} of {timelapse}, {{{temperature:F}}}' }, 'Day 012 of Hausbau, {24 °F}'],
    [{ kind: 'text', text: '{date:yyyy} · {time:HH}' }, '2026 · 12'],
  ])('%j → %s', (element, said) => {
    expect(words(element)).toBe(said);
  });

  test('the time of the site, right on both nights when clocks change', () => {
    const at = (iso: string) => words({ kind: 'time', pattern: 'HH:mm ZZ' }, { ...FACTS, at: Date.parse(iso) });
    expect(['2026-03-29T00:59Z', '2026-03-29T01:00Z'].map(at)).toEqual(['01:59 +01:00', '03:00 +02:00']);
    expect(['2026-10-25T00:30Z', '2026-10-25T01:30Z'].map(at)).toEqual(['02:30 +02:00', '02:30 +01:00']);
  });

  test('nothing of what is not known; a text without any known variable is left out', () => {
    const unknown = { ...FACTS, weather: null, frameNumber: null };
    expect(words({ kind: 'text', text: '{temperature} {wind}' }, unknown)).toBeNull();
    expect(words({ kind: 'text', text: '{site}  {temperature}  now' }, unknown)).toBe('Wien now');
    expect(words({ kind: 'frame-number' }, unknown)).toBeNull();
    expect(
      words({ kind: 'conditions' }, { ...FACTS, weather: FACTS.weather && { ...FACTS.weather, conditions: 19 } }),
    ).toBeNull();
  });

  test('the picture of the film in a film, and that of the timelapse elsewhere', () => {
    const film = { ...FACTS, film: { number: 3, of: 5 } };
    const element = { kind: 'frame-number', of: 'film', digits: 1 };
    expect([words(element, film), words(element)]).toEqual(['3', '123']);
    const bar = { kind: 'progress-bar', of: 'film' };
    expect(words(bar, film)).toMatchObject({ share: 0.5 });
    expect(words(bar)).toMatchObject({ share: 0.37 });
  });

  test('a moon for a clear night, where it is known that it is night', () => {
    const clear = { ...FACTS, weather: FACTS.weather && { ...FACTS.weather, conditions: 0 } };
    const icon = (facts: typeof FACTS) =>
      contentOf(overlayElement.parse({ kind: 'conditions', id: 'it', anchor: 'top', icon: true }), facts);
    const night = { ...clear, at: Date.UTC(2026, 0, 15, 23) };
    expect(icon(clear)).toMatchObject({ icon: 'clear' });
    expect(icon(night)).toMatchObject({ icon: 'clear-night' });
    expect(icon({ ...night, latitude: null })).toMatchObject({ icon: 'clear' });
  });
});

describe('letters', () => {
  const typesetter = createTypesetter(createFonts());
  const sans = { font: 'sans', weight: 'regular' } as const;

  test('run from right to left where their script does, and numbers in them from left to right', () => {
    const { glyphs, widthEm } = typesetter.set('אב 12', sans);
    const [alef, bet, , one, two] = [...'אב 12'].map((letter) => {
      const alone = typesetter.set(letter, sans).glyphs[0];
      return glyphs.find((one) => one.glyph === alone?.glyph)?.xEm ?? Number.NaN;
    });
    expect(alef).toBeGreaterThan(bet ?? Number.NaN);
    expect(two).toBeGreaterThan(one ?? Number.NaN);
    expect(one).toBeLessThan(bet ?? Number.NaN);
    expect(widthEm).toBeGreaterThan(2);
  });

  test('are joined in Arabic', () => {
    const joined = typesetter.set('بب', sans).glyphs.map(({ glyph }) => glyph);
    const alone = typesetter.set('ب', sans).glyphs.map(({ glyph }) => glyph);
    expect(joined.some((glyph) => glyph === alone[0])).toBe(false);
  });

  test('that no font has are one square each, whatever they are made of', () => {
    const square = typesetter.set('□', sans).glyphs[0]?.glyph;
    expect(typesetter.set('🦄漢', sans).glyphs.map(({ glyph }) => glyph)).toEqual([square, square]);
    expect(typesetter.set('❤️', sans).glyphs[0]?.glyph).toBe(typesetter.set('❤', sans).glyphs[0]?.glyph);
  });

  test('are never cut in the middle of what is seen as one', () => {
    const lines = typesetter.breakLines('e\u0301'.repeat(40), sans, { mostWidthEm: 3, mostLines: 50 });
    expect(lines.join('')).toBe('e\u0301'.repeat(40));
    expect(lines.every((line) => line.startsWith('e'))).toBe(true);
    expect(typesetter.breakLines('one two three', sans, { mostWidthEm: 2.2, mostLines: 2 }).at(-1)).toMatch(/…$/);
  });

  test('look the same on a machine without any fonts', async () => {
    const script = path.join(import.meta.dirname, '../../rig/overlay-print.ts');
    const run = promisify(execFile);
    const print = async (env: NodeJS.ProcessEnv) => (await run(process.execPath, [script, 'scripts'], { env })).stdout;
    const noFonts = { ...process.env, FONTCONFIG_FILE: '/dev/null', FONTCONFIG_PATH: '/nowhere', HOME: '/nowhere' };
    const [here, there] = await Promise.all([print(process.env), print(noFonts)]);
    expect(here).toMatch(/^[0-9a-f]{64}$/);
    expect(there).toBe(here);
  });
});
