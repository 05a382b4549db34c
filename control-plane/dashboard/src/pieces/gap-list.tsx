import type { CoverageView } from '@slowlight/protocol';
import { Moment } from '../parts/moment.tsx';
import { words } from '../words.ts';
import { toneOfOutcome } from './coverage.ts';

/** Every gap in words: when, how many slots, what became of them and why. */
export function GapList({
  coverage,
  zone,
  withDate = false,
}: {
  coverage: CoverageView;
  zone: string;
  withDate?: boolean;
}) {
  const { gaps } = coverage;
  if (gaps.length === 0) return coverage.planned === 0 ? null : <p className="small muted">{words.coverage.noGaps}</p>;
  const style = withDate ? 'date-time' : 'time-exact';
  return (
    <details className="gaps">
      <summary>{words.coverage.gaps(gaps.length)}</summary>
      <ul>
        {gaps.map((gap) => (
          <li key={`${gap.firstDueAt} ${gap.outcome}`}>
            <span className={`tone-${toneOfOutcome[gap.outcome]}`} />
            <span>
              <Moment at={gap.firstDueAt} zone={zone} style={style} />
              {gap.count > 1 && (
                <>
                  {' – '}
                  <Moment at={gap.lastDueAt} zone={zone} style={style} />
                </>
              )}
            </span>
            <span>
              {words.coverage.slots(gap.count)} {words.outcomes[gap.outcome]}
              {gap.reason !== null && `: ${words.reason(gap.reason)}`}
            </span>
          </li>
        ))}
      </ul>
      {gaps.length >= 200 && <p className="small muted">{words.coverage.newest}</p>}
    </details>
  );
}
