/** Which frames are shown: of which day, and of what kind. */
import type { TimelapseView } from '@slowlight/protocol';
import { ToggleGroup } from 'radix-ui';
import { type Day, isDay, shiftDay } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { useShortcuts } from '../parts/shortcuts.ts';
import { words } from '../words.ts';
import { ExportMenu } from './export-menu.tsx';
import type { FramesPlace } from './place.ts';

interface Props {
  timelapse: TimelapseView;
  place: FramesPlace;
  day: Day;
  first: Day;
  today: Day;
  /** undefined: all days. */
  bounds: { from: number; to: number } | undefined;
  go: (place: FramesPlace) => void;
}
const KINDS = ['all', 'flagged', 'excluded'] as const;

export function FramesBar({ timelapse, place, day, first, today, bounds, go }: Props) {
  const { show, all, day: _, ...rest } = place;
  const kind = show === undefined ? {} : { show };
  const toDay = (next: Day) => next >= first && next <= today && go({ ...rest, ...kind, day: next });
  useShortcuts({ '[': () => toDay(shiftDay(day, -1)), ']': () => toDay(shiftDay(day, 1)) });
  return (
    <div className="frames-bar">
      {all === true ? (
        <Button onClick={() => toDay(day)}>{words.frames.oneDay}</Button>
      ) : (
        <>
          <Button
            kind="quiet"
            icon="left"
            aria-label={words.camera.dayBefore}
            disabled={day <= first}
            onClick={() => toDay(shiftDay(day, -1))}
          />
          <input
            className="input"
            type="date"
            aria-label={words.camera.day}
            value={day}
            min={first}
            max={today}
            onChange={(event) => isDay(event.target.value) && toDay(event.target.value)}
          />
          <Button
            kind="quiet"
            icon="right"
            aria-label={words.camera.dayAfter}
            disabled={day >= today}
            onClick={() => toDay(shiftDay(day, 1))}
          />
          <Button kind="quiet" onClick={() => go({ ...rest, ...kind, all: true })}>
            {words.frames.allDays}
          </Button>
        </>
      )}
      <span className="push" />
      <ToggleGroup.Root
        type="single"
        className="toggle-group"
        aria-label={words.frames.kind}
        value={show ?? 'all'}
        onValueChange={(value) => {
          const { show: __, ...others } = place;
          if (value === 'all') go(others);
          else if (value === 'flagged' || value === 'excluded') go({ ...others, show: value });
        }}
      >
        {KINDS.map((one) => (
          <ToggleGroup.Item key={one} value={one}>
            {words.frames.kinds[one]}
          </ToggleGroup.Item>
        ))}
      </ToggleGroup.Root>
      <ExportMenu timelapse={timelapse} {...(bounds === undefined ? {} : { part: bounds })} />
    </div>
  );
}
