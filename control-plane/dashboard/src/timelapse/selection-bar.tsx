/** What can be done with the frames that are selected, and with all of a day. */
import { Button } from '../parts/button.tsx';
import { Menu } from '../parts/menu.tsx';
import { words } from '../words.ts';

interface Props {
  count: number;
  /** So many could be selected. */
  loaded: number;
  busy: boolean;
  onAll: () => void;
  onClear: () => void;
  onSet: (excluded: boolean) => void;
  /** All frames of the day that is shown, loaded or not. */
  onDay?: (excluded: boolean) => void;
  day?: string;
}

export function SelectionBar({ count, loaded, busy, onAll, onClear, onSet, onDay, day = '' }: Props) {
  const text = words.frames;
  return (
    <div className={count > 0 ? 'selection-bar is-selecting' : 'selection-bar'}>
      <p className="muted small" aria-live="polite">
        {count > 0 ? text.selected(count) : text.selectHelp}
      </p>
      <span className="push" />
      {count > 0 ? (
        <>
          <Button icon="close" busy={busy} onClick={() => onSet(true)}>
            {text.exclude}
          </Button>
          <Button icon="check" busy={busy} onClick={() => onSet(false)}>
            {text.include}
          </Button>
          <Button kind="quiet" onClick={onClear}>
            {text.clear}
          </Button>
        </>
      ) : (
        <>
          {onDay !== undefined && loaded > 0 && (
            <Menu
              trigger={<Button busy={busy}>{text.wholeDay}</Button>}
              entries={[
                { kind: 'say', text: day },
                { kind: 'act', text: text.exclude, icon: 'close', onSelect: () => onDay(true) },
                { kind: 'act', text: text.include, icon: 'check', onSelect: () => onDay(false) },
              ]}
            />
          )}
          <Button kind="quiet" disabled={loaded === 0} onClick={onAll}>
            {text.selectAll}
          </Button>
        </>
      )}
    </div>
  );
}
