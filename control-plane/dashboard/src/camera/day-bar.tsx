import type { CoverageView } from '@slowlight/protocol';
import type { MouseEvent } from 'react';
import { sayMoment, sayPart } from '../moments/say.ts';
import { toneOfOutcome } from '../pieces/coverage.ts';
import { words } from '../words.ts';
import '../pieces/bars.css';

interface Stretch {
  from: number;
  to: number;
}
interface Props {
  coverage: CoverageView;
  /** Where something was planned. */
  stretches: readonly Stretch[];
  day: Stretch;
  zone: string;
  now: number;
  /** The moment of the frame that is shown. */
  here: number | null;
  onPick: (at: number) => void;
}

/** Midnight to midnight. What it shows is also said in words below it; picking a moment is a short cut for the mouse. */
export function DayBar({ coverage, stretches, day, zone, now, here, onPick }: Props) {
  const share = (at: number) => `${Math.max(0, Math.min(1, (at - day.from) / (day.to - day.from))) * 100}%`;
  const placed = ({ from, to }: Stretch) => ({ left: share(from), right: `calc(100% - ${share(to)})` });
  const pick = (event: MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    onPick(day.from + ((event.clientX - box.left) / box.width) * (day.to - day.from));
  };
  const pitch = coverage.planned > 1 ? (coverage.to - coverage.from) / coverage.planned : 0;
  return (
    <div className="day-bar-wrap">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the filmstrip offers the same frames to the keyboard */}
      <div
        className="day-bar is-picking"
        role="img"
        aria-label={words.coverage.bar(coverage.covered === null ? '–' : sayPart(coverage.covered))}
        title={words.coverage.jump}
        onClick={pick}
      >
        {stretches.map((stretch) => (
          <span key={stretch.from} className="tone-good" style={placed(stretch)} />
        ))}
        {coverage.gaps.map((gap) => (
          <span
            key={`${gap.firstDueAt} ${gap.outcome}`}
            className={`tone-${toneOfOutcome[gap.outcome]}`}
            style={placed({ from: gap.firstDueAt, to: gap.lastDueAt + Math.min(pitch, 600_000) })}
            title={`${sayMoment(gap.firstDueAt, zone, 'time')}: ${words.coverage.slots(gap.count)} ${words.outcomes[gap.outcome]}${gap.reason === null ? '' : `, ${words.reason(gap.reason)}`}`}
          />
        ))}
        {now < day.to && <span className="now" style={{ left: share(now) }} />}
        {here !== null && here >= day.from && here < day.to && <span className="here" style={{ left: share(here) }} />}
      </div>
      <div className="day-hours" aria-hidden="true">
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <span key={part}>
            {part === 1 ? '24:00' : sayMoment(day.from + part * (day.to - day.from), zone, 'time')}
          </span>
        ))}
      </div>
    </div>
  );
}
