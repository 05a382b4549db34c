/** The drawing itself: loaded only where curves are shown. */
import type { CoveragePart, MomentsView } from '@slowlight/protocol';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { sayMoment } from '../moments/say.ts';
import { words } from '../words.ts';

interface Props {
  view: MomentsView;
  parts: readonly CoveragePart[];
  zone: string;
  onPick: (at: number) => void;
}
const HEIGHT_PX = 170;
const HEALTH_PX = 130;
const DAY_MS = 86_400_000;

export function Plots({ view, parts, zone, onPick }: Props) {
  const quality = useRef<HTMLDivElement>(null);
  const health = useRef<HTMLDivElement>(null);
  const pick = useRef(onPick);
  useEffect(() => {
    pick.current = onPick;
  });
  useEffect(() => {
    const [first, second] = [quality.current, health.current];
    if (first === null || second === null) return undefined;
    const colour = (name: string) => getComputedStyle(first).getPropertyValue(name).trim();
    const long = view.to - view.from > 2 * DAY_MS;
    const frame = {
      width: first.clientWidth,
      legend: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'camera' } },
      scales: { x: { min: view.from / 1000, max: view.to / 1000 } },
    } satisfies Partial<uPlot.Options>;
    const axis = {
      stroke: colour('--curve-text'),
      grid: { stroke: colour('--curve-line'), width: 1 },
      ticks: { show: false },
    };
    const times: uPlot.Axis = {
      ...axis,
      values: (_, splits) => splits.map((at) => sayMoment(at * 1000, zone, long ? 'day' : 'time')),
    };
    const seconds = view.at.map((at) => at / 1000);
    const scores = new uPlot(
      {
        ...frame,
        height: HEIGHT_PX,
        scales: { ...frame.scales, score: { range: [0, 100] }, light: { range: [0, 255] } },
        axes: [
          times,
          { ...axis, scale: 'score', size: 38 },
          { ...axis, scale: 'light', side: 1, size: 38, grid: { show: false } },
        ],
        series: [
          {},
          { scale: 'score', stroke: colour('--curve-score'), width: 2, points: { show: false } },
          { scale: 'light', stroke: colour('--curve-light'), width: 1, dash: [4, 3], points: { show: false } },
        ],
      },
      [seconds, view.scores, view.brightness],
      first,
    );
    const click = () => {
      const { idx } = scores.cursor;
      const at = idx === null || idx === undefined ? undefined : view.at[idx];
      if (at !== undefined) pick.current(at);
    };
    scores.over.addEventListener('click', click);
    const share = (part: CoveragePart, ...names: (keyof CoveragePart['outcomes'])[]) =>
      part.planned === 0
        ? null
        : (names.reduce((sum, name) => sum + (part.outcomes[name] ?? 0), 0) / part.planned) * 100;
    const bars = uPlot.paths.bars?.({ size: [0.82, 60], align: 1 });
    const bar = (name: string) => ({
      scale: 'part',
      fill: colour(name),
      width: 0,
      points: { show: false },
      ...(bars === undefined ? {} : { paths: bars }),
    });
    const coverage = new uPlot(
      {
        ...frame,
        height: HEALTH_PX,
        scales: { ...frame.scales, part: { range: [0, 100] } },
        axes: [
          times,
          { ...axis, scale: 'part', size: 38, values: (_, splits) => splits.map((value) => `${value}%`) },
          { ...axis, scale: 'part', side: 1, size: 38, values: () => [] },
        ],
        series: [{}, bar('--curve-bad'), bar('--curve-good')],
      },
      [
        parts.map(({ from }) => from / 1000),
        // One over the other: the lower part hides what belongs to it.
        parts.map((part) => share(part, 'captured', 'flagged', 'failed', 'missed', 'discarded', 'evicted', 'lost')),
        parts.map((part) => share(part, 'captured', 'flagged')),
      ],
      second,
    );
    const resize = new ResizeObserver(() => {
      scores.setSize({ width: first.clientWidth, height: HEIGHT_PX });
      coverage.setSize({ width: second.clientWidth, height: HEALTH_PX });
    });
    resize.observe(first);
    return () => {
      resize.disconnect();
      scores.over.removeEventListener('click', click);
      scores.destroy();
      coverage.destroy();
    };
  }, [view, parts, zone]);
  return (
    <div className="stack">
      <figure>
        <figcaption className="curve-names small">
          <span className="curve-score">{words.camera.curves.score}</span>
          <span className="curve-light">{words.camera.curves.brightness}</span>
        </figcaption>
        <div ref={quality} className="curve" role="img" aria-label={words.camera.curves.quality} />
      </figure>
      <figure hidden={parts.length === 0}>
        <figcaption className="curve-names small">
          <span className="curve-good">{words.camera.curves.taken}</span>
          <span className="curve-bad">{words.camera.curves.failed}</span>
        </figcaption>
        <div ref={health} className="curve" role="img" aria-label={words.camera.curves.health} />
      </figure>
    </div>
  );
}
