/** Pause, resume, complete: each asks first where it takes something away. */
import type { TimelapseView } from '@slowlight/protocol';
import { useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { actions, useAction } from '../server/actions.ts';
import { timelapseMoves } from '../server/foretaste.ts';
import { keys } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { TimelapseDialog } from './timelapse-dialog.tsx';

export function TimelapseControls({ timelapse }: { timelapse: TimelapseView }) {
  const [asked, setAsked] = useState<'pause' | 'complete' | 'edit' | null>(null);
  const mayOperate = useMay('operate');
  const move = useAction({
    run: actions.moveTimelapse,
    atOnce: ({ id, verb }) => timelapseMoves(id, verb),
    stale: [keys.timelapses, keys.cameras, keys.coverage(timelapse.id)],
    done: ({ state }) =>
      ({ running: words.timelapse.resumed, paused: words.timelapse.paused, completed: words.timelapse.completed })[
        state
      ],
  });
  if (!mayOperate || timelapse.state === 'completed') return null;
  const close = () => setAsked(null);
  return (
    <div className="actions">
      {timelapse.state === 'running' ? (
        <Button icon="pause" busy={move.busy} onClick={() => setAsked('pause')}>
          {words.timelapse.pause}
        </Button>
      ) : (
        <Button
          icon="play"
          kind="strong"
          busy={move.busy}
          onClick={() => move.run({ id: timelapse.id, verb: 'resume' })}
        >
          {words.timelapse.resume}
        </Button>
      )}
      <Button icon="stop" busy={move.busy} onClick={() => setAsked('complete')}>
        {words.timelapse.complete}
      </Button>
      <Button icon="pencil" aria-label={words.timelapse.edit} onClick={() => setAsked('edit')} />
      <Confirm
        open={asked === 'pause'}
        onOpenChange={close}
        title={words.timelapse.pauseTitle}
        action={words.timelapse.pause}
        onConfirm={() => move.run({ id: timelapse.id, verb: 'pause' })}
      >
        <Sentences of={words.timelapse.pauseText} />
      </Confirm>
      <Confirm
        open={asked === 'complete'}
        onOpenChange={close}
        title={words.timelapse.completeTitle}
        action={words.timelapse.complete}
        danger
        onConfirm={() => move.run({ id: timelapse.id, verb: 'complete' })}
      >
        <Sentences of={words.timelapse.completeText} />
      </Confirm>
      <TimelapseDialog
        open={asked === 'edit'}
        onClose={close}
        purpose={{ kind: 'edit', timelapse }}
        zone={timelapse.schedule.timeZone}
      />
    </div>
  );
}

function Sentences({ of }: { of: readonly string[] }) {
  return (
    <>
      {of.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </>
  );
}
