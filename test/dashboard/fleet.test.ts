import { addSample, type BacklogSample, daysUntilFull, drainOf } from '@slowlight/dashboard/src/system/drain.ts';
import { readAuditPlace, readJobsPlace } from '@slowlight/dashboard/src/system/place.ts';
import { retentionDraftOf, retentionOf } from '@slowlight/dashboard/src/system/retention-draft.ts';
import { retentionSettings } from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';

const MINUTE = 60_000;
const reports = (...bytes: number[]) =>
  bytes.reduce<readonly BacklogSample[]>((all, one, index) => addSample(all, { at: index * MINUTE, bytes: one }), []);

describe('the forecast of a backlog', () => {
  test('is empty as far ahead as its bytes and its speed say', () => {
    expect(drainOf(reports(1800, 1200, 600))).toEqual({ kind: 'empties', bytesPerSecond: 10, afterMs: MINUTE });
    expect(drainOf(reports(0, 1200, 600)), 'after it has grown').toMatchObject({ kind: 'empties', bytesPerSecond: 10 });
  });
  test('says that it grows, that it is empty, and nothing before two reports are there', () => {
    expect(drainOf(reports(600, 1200))).toEqual({ kind: 'growing', bytesPerSecond: 10 });
    expect(drainOf(reports(600, 0))).toEqual({ kind: 'empty' });
    expect(drainOf(reports(600))).toEqual({ kind: 'measuring' });
    expect(drainOf([])).toEqual({ kind: 'measuring' });
  });
  test('counts a report once, and forgets those that say nothing of now', () => {
    const twice = addSample(addSample(reports(900), { at: 0, bytes: 1 }), { at: MINUTE, bytes: 300 });
    expect(twice).toEqual([
      { at: 0, bytes: 900 },
      { at: MINUTE, bytes: 300 },
    ]);
    expect(addSample(reports(900, 800), { at: 20.5 * MINUTE, bytes: 7 })).toEqual([
      { at: MINUTE, bytes: 800 },
      { at: 20.5 * MINUTE, bytes: 7 },
    ]);
  });
  test('says in how many whole days something is full, and nothing of what does not fill', () => {
    expect(daysUntilFull(25e9, 10e9)).toBe(2);
    expect(daysUntilFull(25e9, 0)).toBeNull();
    expect(daysUntilFull(25e9, undefined)).toBeNull();
  });
});

describe('what is removed by age, as it is typed', () => {
  const settings = retentionSettings.parse({
    frames: {
      thin: [
        { afterDays: 30, keepOneEvery: 'hour' },
        { afterDays: 90, keepOneEvery: 'day' },
      ],
      removeAfterDays: 400,
    },
    videosDays: 700,
    eventsKept: 20_000,
  });
  test('is shown and read back as it was, with what is not in the form', () => {
    expect(retentionDraftOf(settings)).toMatchObject({ thinHour: '30', thinDay: '90', remove: '400', thumbnails: '' });
    expect(retentionOf(retentionDraftOf(settings), settings)).toEqual(settings);
  });
  test('emptied, it removes no frames, and the API takes it', () => {
    const draft = { ...retentionDraftOf(settings), thinHour: '', thinDay: ' ', remove: '', videos: '' };
    expect(retentionSettings.parse(retentionOf(draft, settings))).toMatchObject({ frames: null, videosDays: null });
  });
});

test('addresses of the system’s pages keep what is right and leave out what is not', () => {
  expect(readJobsPlace({ state: 'running' })).toEqual({ state: 'running' });
  expect(readJobsPlace({ state: 'asleep' })).toEqual({});
  expect(readAuditPlace({ actor: 'usr-1', action: '', from: 5, to: 'x', subject: 'y'.repeat(81) })).toEqual({
    actor: 'usr-1',
    from: 5,
  });
});
