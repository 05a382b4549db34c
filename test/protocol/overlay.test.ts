import {
  BUILT_IN_STYLE,
  BUILT_IN_TEMPLATES,
  conditionOf,
  overlayChanges,
  overlayLayout,
  resolveOverlay,
  timelapseOverlayInput,
  weatherCondition,
} from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';

const element = (more: object) => ({
  ...{ kind: 'text', id: 'it', anchor: 'top' },
  ...('kind' in more ? {} : { text: 'x' }),
  ...more,
});
const problems = (elements: object[], layout: object = {}) => {
  const read = overlayLayout.safeParse({ elements, ...layout });
  return read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};

describe('a layout', () => {
  test.each([
    [
      element({ kind: 'date', pattern: 'YYYY-MM-DD' }),
      'elements.0.pattern: holds “YYYY”, which stands for nothing (is yyyy meant?); put words between single quotes',
    ],
    [element({ kind: 'time', pattern: "HH 'h" }), 'elements.0.pattern: has a quotation mark that is not closed'],
    [element({ kind: 'date', locale: 'nowhere' }), 'elements.0.locale: is not a language such as en, de-AT or ar'],
    [
      element({ text: 'It is {temprature}' }),
      'elements.0.text: holds {temprature}, which is not known; there are date, time, frame, day, timelapse, camera, site, temperature, conditions, wind, sun, score',
    ],
    [
      element({ text: '{date:YYYY}' }),
      'elements.0.text: holds {date:YYYY}, whose pattern holds “YYYY”, which stands for nothing (is yyyy meant?); put words between single quotes',
    ],
    [element({ text: '{day:0}' }), 'elements.0.text: holds {day:0}: digits are 1 to 12'],
    [element({ text: '{camera:x}' }), 'elements.0.text: holds {camera:x}: camera takes nothing behind a colon'],
    [element({ text: 'a } b' }), 'elements.0.text: has a single “}”; write }}'],
    [element({ text: 'a\u0007' }), 'elements.0.text: holds a character that cannot be shown'],
    [element({ style: { colour: 'red' } }), 'elements.0.style.colour: is not a colour such as #ffffff'],
    [element({ id: 'No Name' }), 'elements.0.id: is not a name such as time-1'],
  ])('that is wrong is refused by its field: %j', (wrong, said) => {
    expect(problems([wrong])).toContain(said);
  });

  test('names unknown fields, anchors, kinds and doubled names', () => {
    expect(problems([element({ style: { size: 3 } })])[0]).toContain('elements.0.style');
    expect(problems([element({ anchor: 'middle' })])[0]).toContain('elements.0.anchor');
    expect(problems([element({ kind: 'clock' })])[0]).toContain('elements.0.kind');
    expect(problems([element({}), element({})])).toEqual(['elements.1.id: is used twice: it']);
    expect(problems(Array.from({ length: 31 }, (_, id) => element({ id: `t${id}` })))[0]).toContain('more than 30');
  });

  test('with words between quotes, escaped braces, line ends and every language is taken', () => {
    expect(problems([element({ text: "{{not a variable}}\n{date:d 'of' LLLL}" })])).toEqual([]);
    expect(problems([element({ kind: 'date', pattern: "EEEE 'o''clock' DDDD", locale: 'zh-Hant-TW' })])).toEqual([]);
  });
});

describe('what is drawn', () => {
  const layout = overlayLayout.parse({
    opacity: 0.9,
    style: { colour: '#112233', sizePercent: 4 },
    elements: [element({ id: 'a' }), element({ id: 'b', style: { sizePercent: 9 } })],
  });

  test('is built-in style, then the template, then its element', () => {
    const { elements, opacity } = resolveOverlay(layout, null);
    expect(opacity).toBe(0.9);
    expect(elements.map(({ style }) => [style.font, style.colour, style.sizePercent])).toEqual([
      [BUILT_IN_STYLE.font, '#112233', 4],
      ['sans', '#112233', 9],
    ]);
  });

  test('is changed by the timelapse: numbers, style, elements in their place, new ones, hidden ones', () => {
    const changes = overlayChanges.parse({
      opacity: 0.2,
      style: { colour: '#ffffff' },
      elements: [element({ id: 'b', text: 'mine' }), element({ id: 'c', text: 'new' })],
      hide: ['a'],
    });
    const { elements, opacity, gapPercent } = resolveOverlay(layout, changes);
    expect([opacity, gapPercent]).toEqual([0.2, layout.gapPercent]);
    expect(
      elements.map((one) => [one.id, one.kind === 'text' && one.text, one.style.colour, one.style.sizePercent]),
    ).toEqual([
      ['b', 'mine', '#ffffff', 4],
      ['c', 'new', '#ffffff', 4],
    ]);
  });

  test('of the templates that come along can all be read again, and each has another id', () => {
    for (const one of BUILT_IN_TEMPLATES) {
      expect(overlayLayout.parse(JSON.parse(JSON.stringify(one.layout)))).toEqual(one.layout);
      expect(timelapseOverlayInput.parse({ templateId: one.id })).toMatchObject({ version: null, sidecars: false });
    }
    expect(new Set(BUILT_IN_TEMPLATES.map(({ id }) => id)).size).toBe(4);
  });
});

test('every WMO code that speaks of the weather means one of the conditions', () => {
  const meant = new Set(Array.from({ length: 100 }, (_, code) => conditionOf(code)).filter((one) => one !== null));
  expect([...meant].sort()).toEqual([...weatherCondition.options].sort());
  expect([0, 3, 45, 61, 75, 95, 99].map(conditionOf)).toEqual([
    'clear',
    'overcast',
    'fog',
    'rain',
    'snow',
    'thunderstorm',
    'hail',
  ]);
  expect(conditionOf(4)).toBeNull();
});
