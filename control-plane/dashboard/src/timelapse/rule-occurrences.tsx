/** What came of a rule: what it made and when, what it could not make and why. Asked for when somebody wants to know. */
import type { RuleOccurrence, RuleView, VideoView } from '@slowlight/protocol';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { sayMoment, sayNumber } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Moment } from '../parts/moment.tsx';
import { StateDot, type Tone } from '../parts/state-dot.tsx';
import { queries } from '../server/queries.ts';
import { ruleQueries } from '../server/rules.ts';
import { words } from '../words.ts';

const text = words.rules.did;

export function RuleOccurrences({ rule, zone }: { rule: RuleView; zone: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.title}</summary>
      {open && <Occurrences rule={rule} zone={zone} />}
    </details>
  );
}

function Occurrences({ rule, zone }: { rule: RuleView; zone: string }) {
  const did = useInfiniteQuery(ruleQueries.occurrences(rule));
  const videos = useQuery(queries.videosOf(rule.timelapseId)).data;
  return (
    <Loaded query={did}>
      {({ pages }) => {
        const list = pages.flatMap(({ items }) => items);
        if (list.length === 0) return <p className="muted">{text.none}</p>;
        return (
          <>
            <ul className="rule-did">
              {list.map((one) => (
                <Occurrence
                  key={one.number}
                  one={one}
                  zone={zone}
                  timelapseId={rule.timelapseId}
                  film={videos?.find(({ id }) => id === one.videoId)}
                />
              ))}
            </ul>
            {did.hasNextPage && (
              <Button kind="quiet" busy={did.isFetchingNextPage} onClick={() => void did.fetchNextPage()}>
                {words.common.more}
              </Button>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

interface Props {
  one: RuleOccurrence;
  zone: string;
  timelapseId: string;
  /** What it made, as long as that is there. */
  film: VideoView | undefined;
}

function Occurrence({ one, zone, timelapseId, film }: Props) {
  const { at, outcome, count, reason } = one;
  const said = outcome === 'skipped' ? reason : film?.state === 'failed' ? film.reason : null;
  const [tone, state] = stateOf(outcome, film);
  return (
    <li>
      <div className="row">
        <Moment at={at} zone={zone} />
        <StateDot tone={tone}>{state}</StateDot>
        <span className="muted small">{sayOccurrence(one, zone)}</span>
        {count > 1 && <span className="muted small">{text.standsFor(sayNumber(count))}</span>}
        {film?.playable === true && (
          <Link to="/timelapses/$timelapseId" params={{ timelapseId }} search={{ film: film.id }}>
            {film.name}
          </Link>
        )}
      </div>
      {said !== null && <p className="small film-reason">{said}</p>}
    </li>
  );
}

function stateOf(outcome: RuleOccurrence['outcome'], film: VideoView | undefined): [Tone, string] {
  if (outcome === 'skipped') return ['warn', text.skipped];
  if (film === undefined) return ['good', text.made];
  const tones: Record<VideoView['state'], Tone> = {
    queued: 'accent',
    rendering: 'accent',
    ready: 'good',
    failed: 'bad',
    cancelled: 'calm',
  };
  return [tones[film.state], words.video.states[film.state]];
}

/** Such as `frames:1000`, `due:1780300800000`, `hand:7`. */
function sayOccurrence({ occurrence }: RuleOccurrence, zone: string): string {
  const [, kind, number] = /^(frames|due|hand):(\d+)/.exec(occurrence) ?? [];
  if (kind === 'frames') return text.atFrames(sayNumber(Number(number)));
  if (kind === 'due') return text.dueAt(sayMoment(Number(number), zone, 'date-time'));
  return kind === 'hand' ? text.byHand : '';
}
