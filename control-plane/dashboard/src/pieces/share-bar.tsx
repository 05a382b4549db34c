import type { CoverageView } from '@slowlight/protocol';
import { countsOf, sayCounts, toneOfOutcome } from './coverage.ts';
import './bars.css';

/** The outcomes as shares of all planned slots, side by side. */
export function ShareBar({ coverage }: { coverage: Pick<CoverageView, 'outcomes'> }) {
  return (
    <div className="share-bar" role="img" aria-label={sayCounts(coverage)} title={sayCounts(coverage)}>
      {countsOf(coverage).map(({ outcome, count }) => (
        <span key={outcome} className={`share tone-${toneOfOutcome[outcome]}`} style={{ flexGrow: count }} />
      ))}
    </div>
  );
}
