/** What coverage means, for bars and sentences. Pure. */
import type { CoverageView, Outcome } from '@slowlight/protocol';
import { sayNumber } from '../moments/say.ts';
import { words } from '../words.ts';

export type CoverageTone = 'good' | 'flagged' | 'bad' | 'missed' | 'calm' | 'open';
export const toneOfOutcome: Record<Outcome, CoverageTone> = {
  captured: 'good',
  flagged: 'flagged',
  discarded: 'flagged',
  failed: 'bad',
  skipped: 'calm',
  missed: 'missed',
  evicted: 'bad',
  lost: 'bad',
  unreported: 'open',
};
const ORDER: readonly Outcome[] = [
  'captured',
  'flagged',
  'discarded',
  'failed',
  'missed',
  'evicted',
  'lost',
  'skipped',
  'unreported',
];

/** Outcomes that occur, best first. */
export function countsOf(coverage: Pick<CoverageView, 'outcomes'>): { outcome: Outcome; count: number }[] {
  return ORDER.map((outcome) => ({ outcome, count: coverage.outcomes[outcome] ?? 0 })).filter(({ count }) => count > 0);
}

/** `1,204 captured · 3 missed`. */
export function sayCounts(coverage: Pick<CoverageView, 'outcomes'>): string {
  return countsOf(coverage)
    .map(({ outcome, count }) => `${sayNumber(count)} ${words.outcomes[outcome]}`)
    .join(' · ');
}

/** Neighbouring whole hours in which something was planned, as stretches, cut to when the timelapse was there. */
export function plannedStretches(
  hours: readonly Pick<CoverageView, 'from' | 'to' | 'planned'>[],
  bounds: { from: number; to: number },
): { from: number; to: number }[] {
  const stretches: { from: number; to: number }[] = [];
  for (const hour of hours) {
    const from = Math.max(hour.from, bounds.from);
    const to = Math.min(hour.to, bounds.to);
    if (hour.planned === 0 || from >= to) continue;
    const last = stretches.at(-1);
    if (last !== undefined && last.to >= from) last.to = to;
    else stretches.push({ from, to });
  }
  return stretches;
}
