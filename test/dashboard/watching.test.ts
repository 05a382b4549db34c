import { dayMomentsOf, nearest, outwards, planSheets } from '@slowlight/dashboard/src/camera/day-moments.ts';
import { bounded, pannedBy, WHOLE, zoomedAt } from '@slowlight/dashboard/src/camera/zoom.ts';
import { languageFor } from '@slowlight/dashboard/src/look/language.ts';
import { boxIn, cropRatio, dragged } from '@slowlight/dashboard/src/pieces/crop-box.ts';
import { arrange, type Placed, rowsOf } from '@slowlight/dashboard/src/wall/arrange.ts';
import { kioskGrid } from '@slowlight/dashboard/src/wall/fit-wall.ts';
import { readWallPlace } from '@slowlight/dashboard/src/wall/place.ts';
import { english } from '@slowlight/dashboard/src/words/english.ts';
import { german } from '@slowlight/dashboard/src/words/german.ts';
import type { MomentsView } from '@slowlight/protocol';
import { expect, test } from 'vitest';

const camera = (name: string, more: object = {}, item: object = {}): Placed =>
  ({
    camera: { id: name, name, enabled: true, health: 'online', newest: { at: 5 }, timelapseState: 'running', ...more },
    site: {
      id: name.length % 2 === 0 ? 'even' : 'odd',
      name: name.length % 2 === 0 ? 'Zürich' : 'Alp',
      timeZone: 'UTC',
    },
    agent: { state: 'online' },
    item: {
      verdict: { score: 90, faults: [] },
      waiting: { frames: 0 },
      timelapse: { name: '' },
      today: { covered: 1 },
      ...item,
    },
  }) as unknown as Placed;
const names = (of: readonly { cameras: readonly Placed[] }[]) =>
  of.map(({ cameras }) => cameras.map((one) => one.camera.name).join(' '));

test('cameras are found by words of their name and site, whatever their accents, and stand in the order that was chosen', () => {
  const all = [
    camera('Mast 10', {}, { verdict: { score: 40, faults: [] } }),
    camera('Mast 9'),
    camera('Brücke', { health: 'offline' }),
  ];
  expect(names(arrange(all, {}, 'en'))).toEqual(['Mast 10 Mast 9 Brücke']);
  expect(names(arrange(all, { sort: 'name' }, 'en'))).toEqual(['Brücke Mast 9 Mast 10']);
  expect(names(arrange(all, { sort: 'quality' }, 'en'))).toEqual(['Mast 10 Brücke Mast 9']);
  expect(names(arrange(all, { find: 'brucke zur' }, 'en'))).toEqual(['Brücke']);
  expect(names(arrange(all, { show: 'trouble' }, 'en'))).toEqual(['Brücke']);
  expect(names(arrange(all, { show: 'waiting' }, 'en'))).toEqual(['']);
  const groups = arrange(all, { group: 'site' }, 'de');
  expect(groups.map(({ title }) => title)).toEqual(['Alp', 'Zürich']);
  expect(rowsOf(groups, 2).map(({ kind }) => kind)).toEqual(['title', 'cards', 'title', 'cards']);
  const unknown = { ...camera('New'), item: undefined };
  expect(names(arrange([unknown, ...all], { sort: 'coverage' }, 'en'))[0], 'what is not known comes last').toMatch(
    /New$/,
  );
});

test('the address of the wall is read as it may be typed', () => {
  expect(readWallPlace({ find: 12, show: 'trouble', sort: 'name', group: 'site', kiosk: '1' })).toEqual({
    find: '12',
    show: 'trouble',
    sort: 'name',
    group: 'site',
    kiosk: 5,
  });
  expect(readWallPlace({ find: '', show: 'x', sort: 3, group: 'no', kiosk: 'never' })).toEqual({});
  expect(readWallPlace({ kiosk: true })).toEqual({ kiosk: 20 });
});

test('a kiosk shows as many cameras as can be seen across the room, as large as they can be', () => {
  expect(kioskGrid(1, { width: 1920, height: 1080 })).toEqual({ columns: 1, rows: 1 });
  expect(kioskGrid(4, { width: 1920, height: 1080 })).toEqual({ columns: 2, rows: 2 });
  expect(kioskGrid(200, { width: 1920, height: 1080 })).toEqual({ columns: 4, rows: 4 });
  expect(kioskGrid(3, { width: 400, height: 900 }).columns).toBe(1);
});

test('whoever zooms keeps what is under the pointer, and never sees beyond the edge', () => {
  const at = { x: 0.5, y: -0.5 };
  const close = zoomedAt(WHOLE, 4, at);
  expect(close).toEqual({ scale: 4, x: -1.5, y: 1.5 });
  expect(pannedBy(close, -9, 9)).toEqual(close);
  expect(zoomedAt(close, 0.01, { x: 0, y: 0 })).toEqual(WHOLE);
  const middle = zoomedAt(bounded({ scale: 2, x: 0.1, y: 0 }), 2, { x: 0.2, y: 0.1 });
  expect((0.2 - middle.x) / 4).toBeCloseTo((0.2 - 0.1) / 2);
});

test('a day is planned as one coarse sheet and sheets of every frame, fetched from where somebody looks outwards', () => {
  const { coarse, fine } = planSheets(1440);
  expect(coarse.indexes).toHaveLength(64);
  expect([coarse.indexes[0], coarse.indexes.at(-1)]).toEqual([0, 1439]);
  expect(fine.flatMap(({ indexes }) => indexes)).toEqual(Array.from({ length: 1440 }, (_, index) => index));
  expect(planSheets(10)).toEqual({ coarse: { indexes: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] }, fine: [] });
  expect(outwards(5, 3)).toEqual([3, 4, 2, 1, 0]);
  expect([nearest([10, 20, 30], 14), nearest([10, 20, 30], 16), nearest([10, 20, 30], 99), nearest([], 1)]).toEqual([
    0, 1, 2, -1,
  ]);
  const view = { ids: ['a', 'b', 'c'], at: [1, 2, 3], scores: [], brightness: [], marks: [2, 0, 3], ratio: 1.5 };
  expect(dayMomentsOf(view as unknown as MomentsView)).toEqual({
    ids: ['a', 'c'],
    at: [1, 3],
    flagged: [false, true],
    ratio: 1.5,
  });
});

test('the page speaks the language that was chosen, else the first of the browser’s that there is', () => {
  expect(languageFor('browser', ['fr-CH', 'de-AT', 'en'])).toBe('de');
  expect(languageFor('browser', ['fr'])).toBe('en');
  expect(languageFor('en', ['de'])).toBe('en');
});

test('German says everything that English says, and nothing is left in English by mistake', () => {
  const texts = (of: unknown, at = ''): [string, string][] =>
    typeof of === 'string'
      ? [[at, of]]
      : typeof of === 'object' && of !== null
        ? Object.entries(of).flatMap(([key, value]) => texts(value, `${at}.${key}`))
        : [];
  const own = new Map(texts(german));
  const said = texts(english);
  expect(own.size).toBeGreaterThan(300);
  expect(said.filter(([at]) => !own.has(at)).map(([at]) => at)).toEqual([]);
  const same = said
    .filter(([at, text]) => /[a-z]{3,} [a-z]{3,}/i.test(text) && own.get(at) === text)
    .map(([, text]) => text);
  expect(same).toEqual([]);
});

test('a crop follows its handles, stays inside the picture, and keeps the aspect that was chosen', () => {
  const source = { widthPx: 1000, heightPx: 500 };
  const free = { source, ratio: null };
  const box = { leftPx: 100, topPx: 100, widthPx: 400, heightPx: 200 };
  expect(dragged(box, 'top-left', { dx: -50, dy: 20 }, free)).toEqual({
    leftPx: 50,
    topPx: 120,
    widthPx: 450,
    heightPx: 180,
  });
  expect(dragged(box, 'bottom-right', { dx: 9999, dy: 9999 }, free)).toEqual({
    leftPx: 100,
    topPx: 100,
    widthPx: 900,
    heightPx: 400,
  });
  expect(dragged(box, 'right', { dx: -9999, dy: 0 }, free).widthPx).toBe(32);
  expect(dragged(box, 'move', { dx: -9999, dy: 9999 }, free)).toEqual({ ...box, leftPx: 0, topPx: 300 });
  const square = dragged(box, 'bottom-right', { dx: 200, dy: 0 }, { source, ratio: 1 });
  expect(square).toEqual({ leftPx: 100, topPx: 100, widthPx: 400, heightPx: 400 });
  expect(cropRatio('16:9', 'crop', '90')).toBeCloseTo(9 / 16);
  expect(cropRatio('16:9', 'letterbox', '0')).toBeNull();
  expect(boxIn({ leftPx: '1', topPx: '2', widthPx: '', heightPx: '9' }, source)).toEqual({
    leftPx: 0,
    topPx: 0,
    ...source,
  });
  expect(boxIn({ leftPx: '900', topPx: '0', widthPx: '400', heightPx: '9' }, source).widthPx).toBe(100);
});
