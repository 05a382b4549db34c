/** The films of a timelapse, beside what came of it so far. */
import type { TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { sayBytes, sayNumber, sayPart } from '../moments/say.ts';
import { Facts, Figures } from '../parts/facts.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Moment } from '../parts/moment.tsx';
import { sayCounts } from '../pieces/coverage.ts';
import { GapList } from '../pieces/gap-list.tsx';
import { ShareBar } from '../pieces/share-bar.tsx';
import { TimelapseFrame } from '../pieces/timelapse-frame.tsx';
import { useByClock } from '../server/clock.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { BulkPanel } from './bulk-panel.tsx';
import { Films } from './films.tsx';
import './films.css';

const MINUTE_MS = 60_000;
/** The server counts at most 400 days at once. */
const LONGEST_MS = 399 * 86_400_000;

export function FilmsPage() {
  const { timelapseId } = useParams({ from: '/timelapses/$timelapseId' });
  return <TimelapseFrame timelapseId={timelapseId}>{(timelapse) => <FilmsOf timelapse={timelapse} />}</TimelapseFrame>;
}

function FilmsOf({ timelapse }: { timelapse: TimelapseView }) {
  const zone = timelapse.schedule.timeZone;
  return (
    <div className="timelapse">
      <Films timelapse={timelapse} />
      <div className="stack">
        <section className="panel">
          <Figures
            figures={[
              [
                words.timelapse.frames,
                sayNumber(timelapse.frames),
                timelapse.flagged > 0 ? `${sayNumber(timelapse.flagged)} ${words.outcomes.flagged}` : undefined,
              ],
              [words.timelapse.size, sayBytes(timelapse.bytes)],
              [words.timelapse.day, sayNumber(timelapse.dayNumber)],
            ]}
          />
          <Facts
            facts={{
              [words.timelapse.first]: moment(timelapse.firstFrameAt, zone),
              [words.timelapse.last]: moment(timelapse.lastFrameAt, zone),
              [words.timelapse.ends]:
                timelapse.schedule.endsAt === null ? undefined : moment(timelapse.schedule.endsAt, zone),
              [words.timelapseStates.completed]:
                timelapse.completedAt === null ? undefined : moment(timelapse.completedAt, zone),
            }}
          />
        </section>
        <Coverage timelapse={timelapse} />
        <BulkPanel timelapseId={timelapse.id} />
      </div>
    </div>
  );
}

const moment = (at: number | null, zone: string) =>
  at === null ? words.common.none : <Moment at={at} zone={zone} style="date-time-exact" />;

function Coverage({ timelapse }: { timelapse: TimelapseView }) {
  // To the minute, so that it stays the same question for a while.
  const now = useByClock((at) => Math.ceil(at / MINUTE_MS) * MINUTE_MS);
  const to = timelapse.completedAt ?? Math.floor(now / (5 * MINUTE_MS)) * 5 * MINUTE_MS + 5 * MINUTE_MS;
  const from = Math.max(timelapse.startedAt, to - LONGEST_MS);
  const coverage = useQuery({
    ...queries.coverage(timelapse.id, { from, to: Math.max(from, Math.min(to, now)) }, MINUTE_MS),
    placeholderData: (before) => before,
  });
  return (
    <section className="panel stack">
      <h2>{words.timelapse.coverage}</h2>
      <Loaded query={coverage} waiting={<div className="skeleton coverage-bone" />}>
        {(answer) => (
          <>
            <p className="coverage-line">
              <span className="coverage-part">{answer.covered === null ? '–' : sayPart(answer.covered)}</span>
              <span className="muted">{words.timelapse.coverageAll}</span>
            </p>
            <ShareBar coverage={answer} />
            <p className="muted small">{answer.planned === 0 ? words.coverage.none : sayCounts(answer)}</p>
            <GapList coverage={answer} zone={timelapse.schedule.timeZone} withDate />
          </>
        )}
      </Loaded>
    </section>
  );
}
