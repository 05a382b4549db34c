/** What each element of an overlay shows of a frame: pure. What is not known is not shown. */
import {
  type AssetId,
  conditionOf,
  type OverlayElement,
  type OverlayElementKind,
  readText,
  type TextPiece,
} from '@slowlight/protocol';
import { getPosition } from 'suncalc';
import type { OverlayFacts } from '../../frame.ts';
import { compassPoint, conditionName } from './conditions.ts';
import { type IconName, iconOf } from './icons.ts';
import { writeMoment, writeNumber } from './moments.ts';

export type Content =
  | { kind: 'words'; text: string; icon: IconName | null }
  | { kind: 'image'; assetId: AssetId }
  | { kind: 'bar'; share: number; widthPercent: number; track: { colour: string; opacity: number } }
  | { kind: 'arrow'; degrees: number };

/** Sunrise and sunset: the middle of the sun half a degree below the horizon, refraction counted. */
const NIGHT_BELOW_DEGREES = -0.3;
const KNOTS_PER_MS = 3600 / 1852;
const MPH_PER_MS = 3600 / 1609.344;
const PER_MS = { 'm/s': 1, 'km/h': 3.6, mph: MPH_PER_MS, kn: KNOTS_PER_MS } as const;

type Element<Kind extends OverlayElementKind> = Extract<OverlayElement, { kind: Kind }>;

/** @returns null when what it would show is not known */
export function contentOf(element: OverlayElement, facts: OverlayFacts): Content | null {
  switch (element.kind) {
    case 'date':
    case 'time':
    case 'date-time':
      return words(element, writeMoment(facts.at, element.pattern, { ...facts, locale: element.locale }));
    case 'frame-number':
      return words(element, padded(numberOf(element.of, facts), element.digits));
    case 'day-number':
      return words(element, padded(facts.dayNumber, element.digits));
    case 'timelapse-name':
      return words(element, facts.timelapseName);
    case 'camera-name':
      return words(element, facts.cameraName);
    case 'site-name':
      return words(element, facts.siteName);
    case 'text':
      return words({ before: '', after: '' }, fillIn(element, facts));
    case 'temperature':
      return words(element, temperature(element, facts), element.icon ? weatherIcon(facts) : null);
    case 'conditions':
      return words(element, conditions(element, facts), element.icon ? weatherIcon(facts) : null);
    case 'wind':
      return words(element, wind(element, facts));
    case 'sun-position':
      return words(element, sunPosition(facts), element.icon ? 'sun' : null);
    case 'quality-score':
      return words(element, facts.score === null ? null : String(facts.score));
    case 'image':
      return { kind: 'image', assetId: element.assetId };
    case 'progress-bar': {
      const share = progressOf(element.of, facts);
      const { widthPercent, track } = element;
      return share === null ? null : { kind: 'bar', share, widthPercent, track };
    }
    case 'north-arrow':
      return { kind: 'arrow', degrees: (360 - element.bearingDegrees) % 360 };
  }
}

function words(
  { before, after }: { before: string; after: string },
  text: string | null,
  icon: IconName | null = null,
): Content | null {
  if (text === null || text.trim() === '') return null;
  return { kind: 'words', text: `${before}${text}${after}`, icon };
}

const padded = (value: number | null, digits: number): string | null =>
  value === null ? null : String(value).padStart(digits, '0');

const numberOf = (of: 'timelapse' | 'film', facts: OverlayFacts): number | null =>
  of === 'film' && facts.film !== null ? facts.film.number : facts.frameNumber;

function progressOf(of: 'timelapse' | 'film', { film, progress }: OverlayFacts): number | null {
  if (of === 'timelapse' || film === null) return progress;
  return film.of > 1 ? (film.number - 1) / (film.of - 1) : 1;
}

function temperature(
  { unit, decimals, locale }: Pick<Element<'temperature'>, 'unit' | 'decimals' | 'locale'>,
  { weather }: OverlayFacts,
): string | null {
  const celsius = weather?.temperatureCelsius ?? null;
  if (celsius === null) return null;
  const value = unit === 'celsius' ? celsius : (celsius * 9) / 5 + 32;
  return `${writeNumber(value, decimals, locale)} °${unit === 'celsius' ? 'C' : 'F'}`;
}

function conditions({ locale, names }: Pick<Element<'conditions'>, 'locale' | 'names'>, { weather }: OverlayFacts) {
  const condition = conditionOf(weather?.conditions ?? -1);
  return condition === null ? null : conditionName(condition, { locale, names });
}

function weatherIcon(facts: OverlayFacts): IconName | null {
  const condition = conditionOf(facts.weather?.conditions ?? -1);
  if (condition === null) return null;
  const altitude = sunOf(facts)?.altitude ?? 90;
  return iconOf(condition, altitude < NIGHT_BELOW_DEGREES);
}

function wind(
  { unit, direction, locale }: Pick<Element<'wind'>, 'unit' | 'direction' | 'locale'>,
  { weather }: OverlayFacts,
): string | null {
  const ms = weather?.windMs ?? null;
  if (ms === null) return null;
  const speed = `${writeNumber(ms * PER_MS[unit], 0, locale)} ${unit}`;
  const from = weather?.windDirectionDegrees ?? null;
  if (from === null || direction === 'none') return speed;
  return `${speed} ${direction === 'degrees' ? `${Math.round(from) % 360}°` : compassPoint(from, locale)}`;
}

function sunOf({ at, latitude, longitude }: OverlayFacts): { altitude: number; azimuth: number } | null {
  return latitude === null || longitude === null ? null : getPosition(new Date(at), latitude, longitude);
}

function sunPosition(facts: OverlayFacts): string | null {
  const sun = sunOf(facts);
  if (sun === null) return null;
  return `${writeNumber(sun.altitude, 0, 'en')}° · ${Math.round(sun.azimuth) % 360}°`;
}

/** A text in which no variable is known is not shown; in others, an unknown one leaves no gap. */
function fillIn({ text, locale }: Element<'text'>, facts: OverlayFacts): string | null {
  const read = readText(text);
  if ('fault' in read) return null;
  const values = read.pieces.map((piece) => (piece.kind === 'words' ? null : wordsOf(piece, facts, locale)));
  const variables = read.pieces.filter(({ kind }) => kind === 'variable').length;
  if (variables > 0 && values.every((value) => value === null)) return null;
  return read.pieces
    .map((piece, index) => (piece.kind === 'words' ? piece.words : (values[index] ?? '')))
    .join('')
    .split('\n')
    .map((line) => line.replace(/ {2,}/g, ' ').trim())
    .join('\n');
}

function wordsOf(
  { name, option }: Extract<TextPiece, { kind: 'variable' }>,
  facts: OverlayFacts,
  locale: string,
): string | null {
  const moment = (pattern: string) => writeMoment(facts.at, option ?? pattern, { ...facts, locale });
  switch (name) {
    case 'date':
      return moment('yyyy-MM-dd');
    case 'time':
      return moment('HH:mm:ss');
    case 'frame':
      return padded(facts.frameNumber, Number(option ?? 1));
    case 'day':
      return padded(facts.dayNumber, Number(option ?? 1));
    case 'timelapse':
      return facts.timelapseName;
    case 'camera':
      return facts.cameraName;
    case 'site':
      return facts.siteName;
    case 'temperature':
      return temperature({ unit: option === 'F' ? 'fahrenheit' : 'celsius', decimals: 0, locale }, facts);
    case 'conditions':
      return conditions({ locale, names: {} }, facts);
    case 'wind':
      return wind({ unit: 'm/s', direction: 'compass', locale }, facts);
    case 'sun':
      return sunPosition(facts);
    case 'score':
      return facts.score === null ? null : String(facts.score);
  }
}
