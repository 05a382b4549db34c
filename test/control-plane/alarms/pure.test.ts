import { type AlarmFacts, fallingOf, fillingOf, findAll, keyOf } from '@slowlight/control-plane/src/alarms/findings.ts';
import { settle } from '@slowlight/control-plane/src/alarms/settle.ts';
import { say } from '@slowlight/control-plane/src/alarms/words.ts';
import type { KeptAlarm } from '@slowlight/control-plane/src/ports-alarms.ts';
import {
  type AgentId,
  alarmKind,
  type CameraId,
  DEFAULT_ALARM_RULES,
  newAlarmId,
  type SiteId,
} from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 5, 1, 12);
const siteId = 'sit-aaaaaaaaaaaaaaaa' as SiteId;
const agent = {
  id: 'agt-aaaaaaaaaaaaaaaa' as AgentId,
  siteId,
  name: 'Pi 1',
  state: 'online' as const,
  stateSince: NOW - HOUR,
  clone: null,
  device: null,
};
const camera = {
  id: 'cam-aaaaaaaaaaaaaaaa' as CameraId,
  siteId,
  agentId: agent.id,
  name: 'Crane',
  health: 'online' as const,
  code: null,
  hint: null,
};
const nothing: AlarmFacts = {
  agents: [agent],
  cameras: [camera],
  failedFilms: [],
  deadJobs: 0,
  pausedWebhooks: [],
  pictures: new Map(),
  timelapses: [],
  spaces: new Map(),
  certificateExpiresAt: null,
  storage: { freeBytes: 80, totalBytes: 100 },
};
const looking = { rulesOf: () => DEFAULT_ALARM_RULES, isOpen: () => false, now: NOW };
const kindsOf = (facts: Partial<AlarmFacts>, how: Partial<typeof looking> = {}) =>
  findAll({ ...nothing, ...facts }, { ...looking, ...how }).findings.map(({ kind }) => kind);
const pictures = (count: number, flagged: number, faults: string[] = []) =>
  Array.from({ length: count }, (_, index) => ({ flagged: index < flagged, faults }));

describe('what is worth an alarm', () => {
  test.each([
    ['nothing, while all is well', {}, []],
    ['an agent that is away', { agents: [{ ...agent, state: 'offline' as const }] }, ['agent-offline']],
    ['a copied card', { agents: [{ ...agent, clone: 'two-boots' as const }] }, ['agent-clone']],
    ['a camera without pictures', { cameras: [{ ...camera, health: 'offline' as const }] }, ['camera-failing']],
    [
      'another view, three times',
      {
        pictures: new Map([[camera.id, { newest: pictures(3, 0, ['view-moved']), week: { frames: 100, flagged: 0 } }]]),
      },
      ['view-moved'],
    ],
    [
      'another view, twice',
      {
        pictures: new Map([[camera.id, { newest: pictures(2, 0, ['view-moved']), week: { frames: 100, flagged: 0 } }]]),
      },
      [],
    ],
    [
      'bad pictures where the week was good',
      { pictures: new Map([[camera.id, { newest: pictures(20, 12), week: { frames: 1000, flagged: 50 } }]]) },
      ['quality-falling'],
    ],
    [
      'bad pictures where the week was bad',
      { pictures: new Map([[camera.id, { newest: pictures(20, 12), week: { frames: 1000, flagged: 500 } }]]) },
      [],
    ],
    [
      'missing pictures',
      {
        timelapses: [
          {
            id: 'tlp-aaaaaaaaaaaaaaaa' as never,
            siteId,
            name: 'T',
            nothingPlanned: true,
            day: { date: '2026-05-31', reported: 100, covered: 79 },
          },
        ],
      },
      ['nothing-planned', 'coverage-low'],
    ],
    [
      'a day of which nothing is known',
      {
        timelapses: [
          {
            id: 'tlp-aaaaaaaaaaaaaaaa' as never,
            siteId,
            name: 'T',
            nothingPlanned: false,
            day: { date: '2026-05-31', reported: 0, covered: 0 },
          },
        ],
      },
      [],
    ],
    [
      'work that was given up',
      {
        deadJobs: 1,
        failedFilms: [{ timelapseId: 'tlp-aaaaaaaaaaaaaaaa' as never, siteId, name: 'T', films: 1, reason: 'x' }],
      },
      ['render-failed', 'jobs-dead'],
    ],
    ['a certificate for 13 days', { certificateExpiresAt: NOW + 14 * DAY - 1 }, ['certificate-expiring']],
    ['a certificate for 14 days', { certificateExpiresAt: NOW + 14 * DAY }, []],
    ['little room', { storage: { freeBytes: 9, totalBytes: 100 } }, ['storage-low']],
  ])('%s', (_what, facts, expected) => {
    expect(kindsOf(facts)).toEqual(expected);
  });

  test('a rule that is off finds nothing', () => {
    const off = { ...DEFAULT_ALARM_RULES, 'agent-clone': { enabled: false } };
    expect(kindsOf({ agents: [{ ...agent, clone: 'conflict' }] }, { rulesOf: () => off })).toEqual([]);
  });

  test('of what is behind an agent that is away nobody can say that it is well', () => {
    const { unknown } = findAll({ ...nothing, agents: [{ ...agent, state: 'offline' }] }, looking);
    expect(unknown).toContain(keyOf('camera-failing', camera.id));
    expect(unknown).toContain(keyOf('card-filling', agent.id));
  });

  test('what is filling up is told before it is full, and is good again only some way above the limit', () => {
    const rule = { belowPercent: 10, withinDays: 3, isOpen: false };
    const space = (free: number) => ({ freeBytes: free, totalBytes: 1000 });
    expect(fillingOf(space(100), [], rule)).toBeNull();
    expect(fillingOf(space(99), [], rule)).toMatchObject({ freePercent: 9.9, daysLeft: null });
    expect(fillingOf(space(110), [], { ...rule, isOpen: true })).not.toBeNull();
    expect(fillingOf(space(120), [], { ...rule, isOpen: true })).toBeNull();
    const noted = [0, 1].map((day) => ({ at: NOW - (1 - day) * DAY, freeBytes: 500 - day * 200 }));
    expect(fillingOf(space(300), noted, rule)).toMatchObject({ daysLeft: 1.5 });
    expect(fillingOf(space(300), noted, { ...rule, withinDays: 0 })).toBeNull();
  });

  test('bad pictures are an alarm until they are good again, however bad the week has become', () => {
    const rule = { pictures: 20, morePercent: 40 };
    const week = { frames: 100, flagged: 90 };
    expect(fallingOf(pictures(20, 20), week, { ...rule, isOpen: true })).not.toBeNull();
    expect(fallingOf(pictures(20, 3), week, { ...rule, isOpen: true })).toBeNull();
    expect(fallingOf(pictures(19, 19), { frames: 100, flagged: 0 }, { ...rule, isOpen: false })).toBeNull();
  });

  test('each kind says what happened, what it means and what to do', () => {
    for (const kind of alarmKind.options) {
      const { title, text } = say({ kind, name: 'Crane', detail: {} });
      expect(title.length).toBeGreaterThan(10);
      expect(text).toMatch(/\. .+\.$/);
      expect(`${title} ${text}`).not.toMatch(/undefined|NaN|null/);
    }
  });
});

describe('what becomes of an alarm', () => {
  const finding = {
    key: 'agent-offline x',
    kind: 'agent-offline' as const,
    severity: 'warning' as const,
    subject: 'x',
    name: 'X',
    siteId,
    detail: {},
    since: null,
    afterMs: 15 * MINUTE,
  };
  const kept: KeptAlarm = {
    id: newAlarmId(),
    key: finding.key,
    kind: finding.kind,
    severity: 'warning',
    subject: 'x',
    name: 'X',
    siteId,
    detail: {},
    firstSeenAt: NOW - HOUR,
    raisedAt: NOW - HOUR,
    told: 1,
    toldAt: NOW - HOUR,
    clearedAt: null,
    silencedUntil: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
  };
  const steps = (findings: (typeof finding)[], known: KeptAlarm[], repeatMs = DAY, unknown: string[] = []) =>
    settle({ findings, unknown: new Set(unknown) }, known, { now: NOW, repeatMsOf: () => repeatMs }).map(
      (step) => step.do,
    );
  test.each([
    ['waits for its time', [finding], [], ['wait']],
    ['is raised at once where it is known since when', [{ ...finding, since: NOW - 15 * MINUTE }], [], ['raise']],
    ['goes on waiting', [finding], [{ ...kept, raisedAt: null, firstSeenAt: NOW - 14 * MINUTE }], []],
    [
      'is raised when its time has come',
      [finding],
      [{ ...kept, raisedAt: null, firstSeenAt: NOW - 15 * MINUTE }],
      ['raise'],
    ],
    ['is raised once', [finding], [kept], []],
    ['is told again after a day', [finding], [{ ...kept, toldAt: NOW - DAY }], ['repeat']],
    ['is not told again when somebody knows', [finding], [{ ...kept, toldAt: NOW - DAY, acknowledgedAt: NOW }], []],
    ['is not told again while it is silenced', [finding], [{ ...kept, toldAt: NOW - DAY, silencedUntil: NOW + 1 }], []],
    ['has other figures', [{ ...finding, detail: { a: 1 } }], [kept], ['update']],
    ['is over', [], [kept], ['clear']],
    ['never was', [], [{ ...kept, raisedAt: null }], ['forget']],
  ] as const)('%s', (_what, findings, known, expected) => {
    expect(steps([...findings] as (typeof finding)[], [...known])).toEqual(expected);
  });
  test('stays as it is while nobody can say', () => expect(steps([], [kept], DAY, [kept.key])).toEqual([]));
  test('is told once where nothing is repeated', () =>
    expect(steps([finding], [{ ...kept, toldAt: 0 }], 0)).toEqual([]));
});
