/** Spoils what is right: one or a few faults in a message, chosen by a seeded random. Pure. */
import type { seeded } from '../rig/seeded.ts';

export type Random = ReturnType<typeof seeded>;

/** How long the long runs are, ms; null: the short one with its fixed seeds. */
export const longRunMs =
  process.env.SLOWLIGHT_FUZZ_MINUTES === undefined ? null : Number(process.env.SLOWLIGHT_FUZZ_MINUTES) * 60_000;

/**
 * Seeds 1, 2, 3, … so many in the short run, and until the time is over in the long one.
 * @param share of the time of the long run, 0 to 1
 */
export function* seeds(short: number, share: number): Generator<number> {
  const end = longRunMs === null ? null : performance.now() + longRunMs * share;
  const first = longRunMs === null ? 1 : (Date.now() % 1_000_000) * 1000;
  for (let seed = first; end === null ? seed < first + short : performance.now() < end; seed += 1) yield seed;
}

export const pick = <Item>(random: Random, items: readonly Item[]): Item => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
};

const NASTY: readonly unknown[] = [
  null,
  true,
  '',
  ' ',
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  Number.MAX_SAFE_INTEGER,
  8_640_000_000_000_001,
  [],
  {},
  [[]],
  [null],
  '\u0000',
  '\ud800',
  '\u202e‮',
  'a\r\nb: c',
  '../../../../etc/passwd',
  '%2e%2e%2f',
  '__proto__',
  'constructor',
  "' OR 1=1 --",
  '{{7*7}}',
  '<script>alert(1)</script>',
  'x'.repeat(10_000),
  '🌹'.repeat(500),
  '9'.repeat(400),
  'NaN',
  '1e999',
  '2026-02-30T25:61:61Z',
  'Europe/Nowhere',
  '* * * * * * * *',
  'http://169.254.169.254/',
  'rtsp://[::1',
  JSON.parse('{"__proto__": {"polluted": true}}'),
  JSON.parse('{"constructor": {"prototype": {"polluted": true}}}'),
];

export const nasty = (random: Random): unknown => (random() < 0.02 ? deep(2000) : pick(random, NASTY));

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

/** A copy with one to three faults somewhere in it. */
export function mutate(value: unknown, random: Random): unknown {
  let spoilt: unknown = structuredClone(value);
  const faults = 1 + Math.floor(random() * 3);
  for (let fault = 0; fault < faults; fault += 1) spoilt = spoil(spoilt, random);
  return spoilt;
}

function spoil(value: unknown, random: Random): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.08) return nudge(value, random);
  if (Array.isArray(value)) {
    const at = Math.floor(random() * value.length);
    const way = random();
    if (value.length === 0 || way < 0.1) return [...value, nasty(random)];
    if (way < 0.15) return Array.from({ length: 1500 }, () => value[at]);
    if (way < 0.25) return value.toSpliced(at, 1);
    return value.with(at, spoil(value[at], random));
  }
  const entries = Object.entries(value);
  const way = random();
  if (entries.length === 0 || way < 0.1)
    return { ...value, [String(pick(random, ['x', '__proto__', 'constructor', 'id', 'type']))]: nasty(random) };
  const [name, inner] = pick(random, entries);
  if (way < 0.25) return Object.fromEntries(entries.filter(([other]) => other !== name));
  if (way < 0.35) return { ...value, [name]: pick(random, entries)[1] };
  return { ...value, [name]: spoil(inner, random) };
}

function nudge(value: unknown, random: Random): unknown {
  const way = random();
  if (way < 0.5) return nasty(random);
  if (typeof value === 'number')
    return pick(random, [value + 1, value - 1, -value, value * 1e6, value / 3, String(value)]);
  if (typeof value === 'string')
    return pick(random, [
      value.slice(1),
      `${value}${value}`,
      value.toUpperCase(),
      `${value}\u0000`,
      value.split('').reverse().join(''),
    ]);
  return nasty(random);
}

/** The bytes of a text, damaged now and then as bytes. */
export function damage(bytes: Buffer, random: Random): Buffer {
  const way = random();
  if (bytes.length === 0 || way < 0.6) return bytes;
  const at = Math.floor(random() * bytes.length);
  if (way < 0.75) return bytes.subarray(0, at);
  const copy = Buffer.from(bytes);
  for (let times = 0; times < 1 + random() * 8; times += 1)
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  if (way < 0.9) return copy;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0x00, 0xc0]), bytes.subarray(at)]);
}

/** As JSON, as far as it can be said in it. */
export const toBytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? 'undefined');
