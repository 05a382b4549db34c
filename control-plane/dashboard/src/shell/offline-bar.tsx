/** Says when the page no longer hears from the server, since when, and when it does again. */
import { createContext, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { sayMoment } from '../moments/say.ts';
import { ownZone } from '../moments/zone.ts';
import { Icon } from '../parts/icon.tsx';
import { sayDone } from '../parts/toasts.tsx';
import { later } from '../server/clock.ts';
import type { Feed, FeedState } from '../server/feed.ts';
import { words } from '../words.ts';

const QUIET_MS = 2500;
export const FeedContext = createContext<Feed | null>(null);

/** Follows the feed while the caller is on the page. */
export function useFeed(): FeedState {
  const feed = useContext(FeedContext);
  if (feed === null) throw new Error('the page was drawn without its feed');
  useEffect(() => feed.follow(), [feed]);
  return useSyncExternalStore(feed.subscribe, feed.state);
}

/** A short break is not worth a word. */
export function OfflineBar({ state }: { state: FeedState }) {
  const [said, setSaid] = useState(false);
  const wasSaid = useRef(false);
  const broken = state.kind === 'broken';
  useEffect(() => {
    if (broken)
      return later(QUIET_MS, () => {
        wasSaid.current = true;
        setSaid(true);
      });
    setSaid(false);
    if (wasSaid.current && state.kind === 'open') {
      wasSaid.current = false;
      sayDone(words.offline.back);
    }
    return undefined;
  }, [broken, state.kind]);
  if (!said || state.kind !== 'broken') return null;
  return (
    <div className="offline-bar" role="status">
      <Icon name="cloud" />
      {words.offline.bar(sayMoment(state.since, ownZone(), 'time-exact'))}
    </div>
  );
}
