/** How complete the day is, for each timelapse that ran in it: a bar along the day, the counts, every gap with its reason. */
import type { CameraView, FrameView, TimelapseView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { sayPart } from '../moments/say.ts';
import { boundsOfDay, type Day } from '../moments/zone.ts';
import { Loaded } from '../parts/loaded.tsx';
import { plannedStretches, sayCounts } from '../pieces/coverage.ts';
import { GapList } from '../pieces/gap-list.tsx';
import { useByClock } from '../server/clock.ts';
import { findFrameBefore } from '../server/find-frame.ts';
import { momentOf } from '../server/place-frame.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { DayBar } from './day-bar.tsx';
import type { CameraPlace } from './place.ts';

const MINUTE_MS = 60_000;
const PAST_KEPT_MS = 5 * MINUTE_MS;

interface Props {
  camera: CameraView;
  zone: string;
  place: CameraPlace;
  day: Day;
  /** The frame that was picked. */
  here: FrameView | undefined;
  go: (place: CameraPlace, replace?: boolean) => void;
}

export function DayCoverage({ camera, zone, place, day, here, go }: Props) {
  const { from, to } = boundsOfDay(day, zone);
  const timelapses = useQuery(queries.timelapsesOf(camera.id));
  const at = here === undefined ? null : momentOf(here);
  const pick = async (moment: number) => {
    const found = await findFrameBefore(camera.id, { from, to: moment });
    if (found !== null) go({ ...(place.view === undefined ? {} : { view: place.view }), day, frame: found });
  };
  return (
    <Loaded query={timelapses} waiting={<div className="skeleton strip-bone" />}>
      {(all) => {
        const ran = all.filter(({ startedAt, completedAt }) => startedAt < to && (completedAt ?? to) > from);
        if (ran.length === 0) return null;
        return (
          <section className="day-coverage stack" aria-label={words.coverage.title}>
            {ran.map((timelapse) => (
              <OneCoverage
                key={timelapse.id}
                timelapse={timelapse}
                named={ran.length > 1}
                day={day}
                zone={zone}
                here={at}
                onPick={(at) => void pick(at)}
              />
            ))}
          </section>
        );
      }}
    </Loaded>
  );
}

interface OneProps {
  timelapse: TimelapseView;
  named: boolean;
  day: Day;
  zone: string;
  here: number | null;
  onPick: (at: number) => void;
}

function OneCoverage({ timelapse, named, day, zone, here, onPick }: OneProps) {
  // To the minute: no finer than the bar, and not drawn again each second.
  const now = useByClock((at) => Math.ceil(at / MINUTE_MS) * MINUTE_MS);
  const { from, to } = boundsOfDay(day, zone);
  const today = now < to;
  const whole = useQuery(queries.coverage(timelapse.id, today ? null : { from, to }, today ? 0 : PAST_KEPT_MS));
  const hours = useQuery(queries.coverageParts(timelapse.id, { from, to }, 'hour')).data ?? [];
  const bounds = { from: Math.max(from, timelapse.startedAt), to: Math.min(to, now, timelapse.completedAt ?? to) };
  return (
    <Loaded query={whole} waiting={<div className="skeleton strip-bone" />}>
      {(coverage) => (
        <div className="stack coverage-one">
          <p className="coverage-line">
            <span className="coverage-part">{coverage.covered === null ? '–' : sayPart(coverage.covered)}</span>
            <span>{named ? timelapse.name : words.coverage.title}</span>
            <span className="muted small">{coverage.planned === 0 ? words.coverage.none : sayCounts(coverage)}</span>
          </p>
          <DayBar
            coverage={coverage}
            stretches={plannedStretches(hours, bounds)}
            day={{ from, to }}
            zone={zone}
            now={now}
            here={here}
            onPick={onPick}
          />
          <GapList coverage={coverage} zone={zone} />
        </div>
      )}
    </Loaded>
  );
}
