/** What is above the wall: how many are well, what to look for, how it is arranged. */
import { useRef } from 'react';
import { Button } from '../parts/button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { useShortcuts } from '../parts/shortcuts.ts';
import { words } from '../words.ts';
import { KIOSK_SECONDS, SHOWN, SORTS, type WallPlace } from './place.ts';

interface Props {
  summary: string;
  place: WallPlace;
  /** Below it nobody needs to search. */
  cameras: number;
  go: (place: WallPlace) => void;
  /** null: may not. */
  onAdd: (() => void) | null;
}
const FEW = 7;

export function WallTools({ summary, place, cameras, go, onAdd }: Props) {
  const search = useRef<HTMLInputElement>(null);
  const kiosk = () => go({ ...place, kiosk: KIOSK_SECONDS.usual });
  useShortcuts({
    '/': () => search.current?.focus(),
    f: () => void document.documentElement.requestFullscreen?.(),
    k: kiosk,
    s: () => go(place.group === undefined ? { ...place, group: 'site' } : without(place, 'group')),
  });
  const { arrange } = words.wall;
  return (
    <div className="wall-head">
      <p className="muted wall-summary">{summary}</p>
      {(cameras >= FEW || place.find !== undefined) && (
        <label className="wall-search">
          <span className="unseen">{arrange.find}</span>
          <Icon name="search" />
          <input
            ref={search}
            className="input"
            type="search"
            placeholder={arrange.find}
            value={place.find ?? ''}
            onChange={({ target }) =>
              go(target.value === '' ? without(place, 'find') : { ...place, find: target.value })
            }
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              go(without(place, 'find'));
              event.currentTarget.blur();
            }}
          />
        </label>
      )}
      <Menu
        trigger={
          <Button icon="sliders" title={arrange.title}>
            <span className="wall-view-words">
              {place.show === undefined ? arrange.short : arrange.shows[place.show]}
            </span>
          </Button>
        }
        entries={[
          {
            kind: 'choice',
            title: arrange.show,
            value: place.show ?? 'all',
            options: [['all', arrange.all], ...SHOWN.map((one) => [one, arrange.shows[one]] as const)],
            onPick: (value) => {
              const show = SHOWN.find((one) => one === value);
              go(show === undefined ? without(place, 'show') : { ...place, show });
            },
          },
          {
            kind: 'choice',
            title: arrange.sort,
            value: place.sort ?? 'added',
            options: [['added', arrange.added], ...SORTS.map((one) => [one, arrange.sorts[one]] as const)],
            onPick: (value) => {
              const sort = SORTS.find((one) => one === value);
              go(sort === undefined ? without(place, 'sort') : { ...place, sort });
            },
          },
          {
            kind: 'choice',
            title: arrange.group,
            value: place.group ?? 'none',
            options: [
              ['none', arrange.noGroups],
              ['site', arrange.bySite],
            ],
            onPick: (value) => go(value === 'site' ? { ...place, group: 'site' } : without(place, 'group')),
          },
          { kind: 'line' },
          {
            kind: 'act',
            text: arrange.fullScreen,
            icon: 'expand',
            onSelect: () => void document.documentElement.requestFullscreen?.(),
          },
          { kind: 'act', text: arrange.kiosk, icon: 'play', onSelect: kiosk },
        ]}
      />
      {onAdd !== null && (
        <Button icon="plus" onClick={onAdd}>
          <span className="wall-add-words">{words.wall.add}</span>
        </Button>
      )}
    </div>
  );
}

function without<Key extends keyof WallPlace>(place: WallPlace, key: Key): Omit<WallPlace, Key> {
  const { [key]: _, ...rest } = place;
  return rest;
}
