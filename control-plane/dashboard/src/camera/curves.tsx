/** Quality, brightness and health over time, as curves; and the same in a sentence. */
import type { CameraView, CoveragePart, MomentsView } from '@slowlight/protocol';
import { MOMENT_MARKS } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { ToggleGroup } from 'radix-ui';
import { lazy, Suspense } from 'react';
import { sayNumber } from '../moments/say.ts';
import { boundsOfDay, type Day, shiftDay } from '../moments/zone.ts';
import { Loaded } from '../parts/loaded.tsx';
import { queries } from '../server/queries.ts';
import { watchQueries } from '../server/watch-queries.ts';
import { words } from '../words.ts';
import type { CameraPlace } from './place.ts';
import './curves.css';

const Plots = lazy(async () => ({ default: (await import('./plots.tsx')).Plots }));
const SPANS = ['day', 'week', 'month'] as const;
const DAYS = { day: 0, week: 6, month: 29 } as const;
/** More points than a screen has columns say nothing more. */
const POINTS = 900;

interface Props {
  camera: CameraView;
  zone: string;
  day: Day;
  place: CameraPlace;
  go: (place: CameraPlace, replace?: boolean) => void;
  onPick: (at: number) => void;
}

export function Curves({ camera, zone, day, place, go, onPick }: Props) {
  const span = place.curves ?? 'day';
  const bounds = { from: boundsOfDay(shiftDay(day, -DAYS[span]), zone).from, to: boundsOfDay(day, zone).to };
  const moments = useQuery(watchQueries.moments(camera.id, bounds, POINTS));
  const parts = useQuery({
    ...queries.coverageParts(camera.timelapseId, bounds, span === 'day' ? 'hour' : 'day'),
    enabled: camera.timelapseId !== null,
  }).data;
  const { curves: _, ...rest } = place;
  return (
    <section className="curves stack" aria-labelledby="curves-title">
      <div className="section-head">
        <h2 id="curves-title">{words.camera.curves.title}</h2>
        <ToggleGroup.Root
          type="single"
          className="toggle-group push"
          aria-label={words.camera.curves.span}
          value={span}
          onValueChange={(value) => {
            const next = SPANS.find((one) => one === value);
            if (next !== undefined) go(next === 'day' ? rest : { ...rest, curves: next }, true);
          }}
        >
          {SPANS.map((one) => (
            <ToggleGroup.Item key={one} value={one}>
              {words.camera.curves.spans[one]}
            </ToggleGroup.Item>
          ))}
        </ToggleGroup.Root>
      </div>
      <Loaded query={moments} waiting={<div className="skeleton curves-bone" />}>
        {(view) =>
          view.ids.length === 0 ? (
            <p className="muted">{words.camera.noFrames}</p>
          ) : (
            <>
              <p className="muted small">{saySummary(view, parts)}</p>
              <Suspense fallback={<div className="skeleton curves-bone" />}>
                <Plots view={view} parts={parts ?? []} zone={zone} onPick={onPick} />
              </Suspense>
            </>
          )
        }
      </Loaded>
    </section>
  );
}

function saySummary(view: MomentsView, parts: readonly CoveragePart[] | undefined): string {
  const sorted = view.scores.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const flagged = view.marks.filter((marks) => (marks & MOMENT_MARKS.flagged) !== 0).length;
  const failed = (parts ?? []).reduce((sum, { outcomes }) => sum + (outcomes.failed ?? 0) + (outcomes.missed ?? 0), 0);
  return words.camera.curves.summary({
    median: sayNumber(median),
    least: sayNumber(sorted[0] ?? 0),
    flagged: sayNumber(flagged),
    without: sayNumber(failed),
  });
}
