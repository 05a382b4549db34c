import { chaptersOf } from '@slowlight/control-plane/src/http/chapters.ts';
import { changesBetween, withChanges } from '@slowlight/dashboard/src/overlays/changes-between.ts';
import { begin, edit, redo, undo } from '@slowlight/dashboard/src/overlays/history.ts';
import {
  addElement,
  anchorAt,
  anchorBeside,
  KINDS,
  moveElement,
  moveWithin,
  newElement,
} from '@slowlight/dashboard/src/overlays/layout-edits.ts';
import { draftOfFilm, filmOf, newFilm, videoInputOf } from '@slowlight/dashboard/src/pieces/film-draft.ts';
import { newSchedule } from '@slowlight/dashboard/src/pieces/schedule-draft.ts';
import { heatOf, monthsBetween } from '@slowlight/dashboard/src/timelapse/calendar-weeks.ts';
import { draftOfRule, newRule, ruleInputOf } from '@slowlight/dashboard/src/timelapse/rule-draft.ts';
import { NOTHING_SELECTED, reach, toggle } from '@slowlight/dashboard/src/timelapse/selection.ts';
import { choicesFor, scheduleFor } from '@slowlight/dashboard/src/wizard/schedule-choice.ts';
import { words } from '@slowlight/dashboard/src/words.ts';
import {
  type AssetId,
  BUILT_IN_TEMPLATES,
  type FrameId,
  type OverlayLayout,
  overlayChanges,
  overlayElement,
  overlayLayout,
  type RuleView,
  resolveOverlay,
  ruleInput,
  scheduleInput,
  type TimelapseId,
  videoInput,
} from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';

describe('the calendar', () => {
  test('every day from the first to the last is there once, in weeks from Monday, the newest month first', () => {
    const months = monthsBetween('2025-12-30', '2026-02-03');
    expect(months.map(({ month }) => month)).toEqual(['2026-02', '2026-01', '2025-12']);
    const days = months.flatMap(({ weeks }) => weeks.flatMap((week) => week.days)).filter((day) => day !== null);
    expect(new Set(days).size).toBe(36);
    expect(days).toHaveLength(36);
    expect(months[2]?.weeks[0]?.days).toEqual([null, '2025-12-30', '2025-12-31', null, null, null, null]);
    expect(monthsBetween('2026-02-02', '2026-02-01')).toEqual([]);
  });

  test('a day with one gap is not complete, and one without plans is neither good nor bad', () => {
    expect(heatOf({ planned: 1440, covered: 1439 / 1440 })).toBe('full');
    expect(heatOf({ planned: 24, covered: 23 / 24 })).toBe('most');
    expect(heatOf({ planned: 24, covered: 0.6 })).toBe('half');
    expect(heatOf({ planned: 24, covered: 0.1 })).toBe('little');
    expect(heatOf({ planned: 24, covered: 0 })).toBe('none');
    expect([heatOf({ planned: 0, covered: null }), heatOf(undefined)]).toEqual(['empty', 'empty']);
  });

  test('a film’s days are those of the place, and frames that are gone belong to the day before them', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'] as FrameId[];
    const at = (text: string) => Date.parse(text);
    const moments = new Map([
      [ids[0] as FrameId, at('2026-03-28T22:30:00Z')],
      [ids[1] as FrameId, at('2026-03-28T23:30:00Z')],
      [ids[3] as FrameId, at('2026-03-29T21:30:00Z')],
      [ids[4] as FrameId, at('2026-03-29T22:30:00Z')],
    ]);
    expect(chaptersOf(ids, moments, { timeZone: 'Europe/Vienna', fps: 2 })).toEqual([
      { date: '2026-03-28', at: at('2026-03-28T22:30:00Z'), startMs: 0, frames: 1 },
      { date: '2026-03-29', at: at('2026-03-28T23:30:00Z'), startMs: 500, frames: 3 },
      { date: '2026-03-30', at: at('2026-03-29T22:30:00Z'), startMs: 2000, frames: 1 },
    ]);
  });
});

test('shift selects from the last one that was picked, in both directions, and keeps what was selected', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'] as FrameId[];
  const [a, b, c, d] = ids as [FrameId, FrameId, FrameId, FrameId];
  const down = reach(toggle(NOTHING_SELECTED, b), d, ids);
  expect([...down.chosen]).toEqual([b, c, d]);
  expect([...reach(down, a, ids).chosen].sort()).toEqual([a, b, c, d]);
  expect([...toggle(down, c).chosen]).toEqual([b, d]);
  expect([...reach(NOTHING_SELECTED, c, ids).chosen]).toEqual([c]);
});

test('what was taken back comes again, until something else is done; letters of a word go together', () => {
  let history = begin('a');
  history = edit(history, 'ab', 'word');
  history = edit(history, 'abc', 'word');
  history = edit(history, 'abcd', null);
  expect([undo(history).now, undo(undo(history)).now]).toEqual(['abc', 'a']);
  expect(redo(undo(history)).now).toBe('abcd');
  const other = edit(undo(history), 'x', null);
  expect(redo(other)).toBe(other);
  expect(undo(begin('a')).now).toBe('a');
});

describe('the overlay editor', () => {
  const elementsOf = (...kinds: ('date' | 'time' | 'text')[]): OverlayLayout =>
    kinds.reduce<OverlayLayout>(
      (layout, kind) => {
        const made = newElement(kind, { elements: layout.elements, anchor: 'top-left', locale: 'en' });
        return made === null ? layout : addElement(layout, made);
      },
      overlayLayout.parse({ elements: [] }),
    );
  const names = ({ elements }: OverlayLayout) => elements.map(({ id, anchor }) => `${id} ${anchor}`);

  test('every kind of element that can be added is one that the server takes, under a name of its own', () => {
    const assetId = 'ast-00000000000000aa' as AssetId;
    const layout = [...KINDS, ...KINDS].reduce<OverlayLayout>(
      (so, kind) => {
        const made = newElement(kind, { elements: so.elements, anchor: 'centre', locale: 'de', assetId });
        if (made === null) throw new Error(kind);
        expect(overlayElement.parse(made)).toEqual(made);
        return so.elements.length < 30 ? addElement(so, made) : so;
      },
      overlayLayout.parse({ elements: [] }),
    );
    expect(overlayLayout.parse(layout).elements).toHaveLength(30);
    expect(newElement('image', { elements: [], anchor: 'top', locale: 'en' })).toBeNull();
  });

  test('an element is dropped among those of its new place, above or below them', () => {
    const layout = elementsOf('date', 'time', 'text');
    expect(names(moveElement(layout, 'text', 'top-left', 0))).toEqual([
      'text top-left',
      'date top-left',
      'time top-left',
    ]);
    expect(names(moveElement(layout, 'date', 'bottom'))).toEqual(['time top-left', 'text top-left', 'date bottom']);
    expect(moveElement(layout, 'time', 'top-left', 1)).toBe(layout);
    expect(names(moveWithin(layout, 'text', -1))).toEqual(['date top-left', 'text top-left', 'time top-left']);
    expect(moveWithin(layout, 'date', -1)).toBe(layout);
    expect([anchorAt(0.1, 0.9), anchorAt(0.5, 0.5), anchorAt(1.2, -3)]).toEqual(['bottom-left', 'centre', 'top-right']);
    expect([anchorBeside('left', { x: -1, y: 0 }), anchorBeside('left', { x: 1, y: 0 })]).toEqual(['left', 'centre']);
  });

  test('what a timelapse wants otherwise, laid over its template, is what was edited', () => {
    const template = BUILT_IN_TEMPLATES.find(({ id }) => id.endsWith('complete'))?.layout;
    if (template === undefined) throw new Error('no template');
    const [first, second, ...rest] = template.elements;
    if (first === undefined || second === undefined) throw new Error('no elements');
    const edits: OverlayLayout[] = [
      template,
      { ...template, opacity: 0.5, style: { colour: '#ff0000' } },
      { ...template, elements: [{ ...first, anchor: 'bottom' }, second, ...rest] },
      { ...template, elements: rest },
      { ...template, elements: [second, first, ...rest] },
      { ...template, elements: [...rest, first] },
      {
        ...template,
        elements: [
          first,
          ...elementsOf('text', 'date').elements.map((one) => ({ ...one, id: `own-${one.id}` })),
          ...rest,
        ],
      },
    ];
    for (const wanted of edits) {
      const changes = overlayChanges.parse(changesBetween(template, wanted));
      const looks = (layout: OverlayLayout) =>
        resolveOverlay(layout, null).elements.map(({ id: _, ...element }) => element);
      expect(resolveOverlay(template, changes).elements.map(({ id: _, ...element }) => element)).toEqual(looks(wanted));
      expect(looks(withChanges(template, changes))).toEqual(looks(wanted));
      expect(withChanges(template, changes).opacity).toBe(wanted.opacity);
    }
    expect(changesBetween(template, template)).toEqual({ style: {}, elements: [], hide: [] });
  });
});

describe('the form of a film', () => {
  test('what it says is what the server takes, and nothing that was not asked for is in it', () => {
    const id = 'tlp-0000000000000000' as TimelapseId;
    const plain = videoInputOf(newFilm(), id, 'UTC');
    expect(plain).toEqual({
      timelapseId: id,
      fps: 24,
      heightPx: 1080,
      quality: 'medium',
      flagged: false,
      from: null,
      to: null,
    });
    expect(videoInput.parse(plain)).toEqual(plain);
    const all = videoInputOf(
      {
        ...newFilm(),
        name: ' Bridge ',
        speed: 'length',
        seconds: '20',
        which: 'days',
        lastDays: '3.5',
        hours: true,
        hoursFrom: '20:00',
        hoursTo: '00:00',
        daylight: true,
        evenLight: 'day',
        everyNth: '3',
        height: 'source',
        shape: 'square',
        fit: 'blurred',
        codec: 'av1',
        deflicker: '60',
        crossFade: '100',
        overlay: true,
        title: true,
        titleText: 'The bridge\nin spring\n',
        titleSeconds: '2.5',
        grows: true,
      },
      id,
      'Europe/Vienna',
    );
    expect(videoInput.parse(all)).toMatchObject({
      name: 'Bridge',
      length: { seconds: 20 },
      last: { days: 3.5 },
      windows: [{ from: '20:00', to: '24:00' }],
      deflicker: 0.6,
      crossFade: 1,
      shape: 'square',
      fit: 'blurred',
      title: { text: 'The bridge\nin spring', seconds: 2.5, ground: 'blurred', locale: words.locale },
      grows: true,
    });
  });

  test('while a number is missing there is no film to ask for', () => {
    const title = { title: true } as const;
    for (const wrong of [
      { fps: '' },
      { fps: '0' },
      { everyNth: 'x' },
      { which: 'frames', lastFrames: '1' },
      { ...title, titleSeconds: '11' },
      { ...title, titleText: 'a\nb\nc\nd' },
    ] as const)
      expect(filmOf({ ...newFilm(), ...wrong })).toBeNull();
  });

  test('a film that is read back into the form says the same again', () => {
    const film = filmOf({
      ...newFilm(),
      which: 'frames',
      lastFrames: '90',
      shape: 'portrait',
      fit: 'fill',
      deflicker: '35',
      crossFade: '15',
      hours: true,
      title: true,
      titleGround: 'plain',
    });
    expect(film === null ? null : filmOf(draftOfFilm(film))).toEqual(film);
  });
});

describe('the form of a rule', () => {
  test('each kind of trigger is what the server takes, and reads back as it was', () => {
    const drafts = [
      { kind: 'manual' },
      { kind: 'milestone', at: '100, 500 1000', every: '' },
      { kind: 'milestone', at: '', every: '2000' },
      { kind: 'scheduled', rhythm: 'day', time: '05:30' },
      { kind: 'scheduled', rhythm: 'week', time: '00:05' },
      { kind: 'scheduled', rhythm: 'month', time: '23:00' },
      { kind: 'scheduled', rhythm: 'cron', cron: '*/7 3 * * 2' },
      { kind: 'per-capture', minutes: '30' },
    ] as const;
    for (const draft of drafts) {
      const input = ruleInputOf({ ...newRule(), name: 'Day', ...draft });
      expect(ruleInput.parse(input)).toEqual(input);
      expect(ruleInputOf(draftOfRule(input as unknown as RuleView))).toEqual(input);
    }
    expect(ruleInputOf(newRule())).toBeNull();
    expect(ruleInputOf({ ...newRule(), name: 'x', kind: 'milestone', at: '1', every: '' })).toBeNull();
  });
});

test('the wizard proposes daylight where the sun is known, and only schedules that the server takes', () => {
  const site = { latitude: 48.2, longitude: 16.4 } as Parameters<typeof choicesFor>[0];
  expect(choicesFor(site)[0]).toBe('daylight');
  expect(choicesFor(undefined)).not.toContain('daylight');
  for (const choice of choicesFor(site)) {
    const schedule = scheduleFor(choice, 'Europe/Vienna', newSchedule());
    expect(scheduleInput.parse(schedule)).toMatchObject({ timeZone: 'Europe/Vienna' });
  }
});
