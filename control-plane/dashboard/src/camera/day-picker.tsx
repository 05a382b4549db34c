import { ToggleGroup } from 'radix-ui';
import { type Day, isDay, shiftDay } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { words } from '../words.ts';
import type { CameraPlace } from './place.ts';

interface Props {
  day: Day;
  today: Day;
  place: CameraPlace;
  go: (place: CameraPlace) => void;
  toDay: (day: Day) => void;
}

export function DayPicker({ day, today, place, go, toDay }: Props) {
  const { flagged: _, ...all } = place;
  const { view: __, ...strip } = place;
  return (
    <div className="day-picker">
      <Button kind="quiet" icon="left" aria-label={words.camera.dayBefore} onClick={() => toDay(shiftDay(day, -1))} />
      <input
        className="input"
        type="date"
        aria-label={words.camera.day}
        value={day}
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
      {day !== today && (
        <Button kind="quiet" onClick={() => toDay(today)}>
          {words.camera.today}
        </Button>
      )}
      <span className="push" />
      <Button
        icon="flag"
        aria-pressed={place.flagged === true}
        onClick={() => go(place.flagged === true ? all : { ...place, flagged: true })}
      >
        {words.camera.onlyFlagged}
      </Button>
      <ToggleGroup.Root
        type="single"
        className="toggle-group"
        value={place.view ?? 'strip'}
        onValueChange={(value) => value !== '' && go(value === 'grid' ? { ...place, view: 'grid' } : strip)}
      >
        <ToggleGroup.Item value="strip" aria-label={words.camera.strip} title={words.camera.strip}>
          <Icon name="film" />
        </ToggleGroup.Item>
        <ToggleGroup.Item value="grid" aria-label={words.camera.grid} title={words.camera.grid}>
          <Icon name="grid" />
        </ToggleGroup.Item>
      </ToggleGroup.Root>
    </div>
  );
}
