/** The rules of alarms as their form holds them. Pure. */
import type { AlarmKind, AlarmRuleChanges, AlarmRules, AlarmRulesView } from '@slowlight/protocol';
import type { RulesScope } from '../server/alarms.ts';
import { words } from '../words.ts';

export interface Figures {
  enabled: boolean;
  /** As typed. */
  figures: Readonly<Record<string, string>>;
}
export type RulesDraft = Record<AlarmKind, Figures> & { repeatHours: string };

/** What a level may have its own rule for. */
export type Ruled = AlarmKind | 'repeatHours';

export const KINDS = Object.keys(words.alarms.kinds) as AlarmKind[];
/** These are of no site. */
const OF_THE_HOUSE: readonly AlarmKind[] = ['jobs-dead', 'certificate-expiring', 'storage-low', 'webhook-paused'];

export const kindsOf = (scope: RulesScope): readonly AlarmKind[] =>
  scope === 'house' ? KINDS : KINDS.filter((kind) => !OF_THE_HOUSE.includes(kind));

export function rulesDraft({ repeatHours, ...rules }: AlarmRules): RulesDraft {
  const drafts = Object.entries(rules).map(([kind, { enabled, ...figures }]) => [
    kind,
    { enabled, figures: Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, String(value)])) },
  ]);
  return { ...(Object.fromEntries(drafts) as Record<AlarmKind, Figures>), repeatHours: String(repeatHours) };
}

/**
 * What is already this level's own stays so, and what was changed becomes so; the rest follows the level above.
 * @param dropped own rules that are to follow it again
 */
export function changesOf(
  draft: RulesDraft,
  { own, inForce }: AlarmRulesView,
  { scope, dropped }: { scope: RulesScope; dropped: readonly Ruled[] },
): AlarmRuleChanges {
  const before = rulesDraft(inForce);
  const kept = (ruled: Ruled) => !dropped.includes(ruled);
  const changed = kindsOf(scope).filter(
    (kind) => kept(kind) && (own[kind] !== undefined || !same(draft[kind], before[kind])),
  );
  const rules = changed.map((kind) => {
    const { enabled, figures } = draft[kind];
    return [
      kind,
      { enabled, ...Object.fromEntries(Object.entries(figures).map(([name, text]) => [name, Number(text)])) },
    ];
  });
  const repeats = kept('repeatHours') && (own.repeatHours !== undefined || draft.repeatHours !== before.repeatHours);
  // The server checks every one of them.
  const changes = Object.fromEntries(rules) as AlarmRuleChanges;
  return repeats ? { ...changes, repeatHours: Number(draft.repeatHours) } : changes;
}

const same = (one: Figures, other: Figures) => JSON.stringify(one) === JSON.stringify(other);

const LIMITS: Record<string, { min: number; max: number }> = {
  afterMinutes: { min: 0, max: 10_080 },
  belowPercent: { min: 1, max: 100 },
  withinDays: { min: 0, max: 90 },
  morePercent: { min: 1, max: 100 },
};

/** What the server takes. */
export function limitsOf(kind: AlarmKind, name: string): { min: number; max: number } {
  if (kind === 'certificate-expiring') return { min: 1, max: 365 };
  if (kind === 'view-moved') return { min: 1, max: 20 };
  if (kind === 'quality-falling' && name === 'pictures') return { min: 5, max: 200 };
  return LIMITS[name] ?? { min: 0, max: 1000 };
}

/** What stands before and after a figure. */
export function figureWords(kind: AlarmKind, name: string): readonly [string, string] {
  const { figures } = words.alarmRules;
  const special = kind === 'coverage-low' ? 'coverage' : kind === 'certificate-expiring' ? 'expires' : name;
  return figures[special] ?? [name, ''];
}
