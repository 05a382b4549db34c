/** Orders a film and says beforehand how long it will be. */
import type { TimelapseView, VideoInput } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { sayLength } from '../moments/say.ts';
import { momentOfLocal } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CheckField, FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { actions, useAction } from '../server/actions.ts';
import { serverNow } from '../server/clock.ts';
import { keys, queries } from '../server/queries.ts';
import { words } from '../words.ts';

interface Props {
  open: boolean;
  onClose: () => void;
  timelapse: TimelapseView;
}

export function MakeFilmDialog({ open, onClose, timelapse }: Props) {
  return (
    <Dialog
      title={words.video.make}
      explanation={words.timelapse.zone(timelapse.schedule.timeZone)}
      open={open}
      onOpenChange={onClose}
    >
      <FilmForm timelapse={timelapse} onClose={onClose} />
    </Dialog>
  );
}

interface Draft {
  name: string;
  fps: string;
  height: string;
  quality: VideoInput['quality'];
  from: string;
  to: string;
  flagged: boolean;
  deflicker: boolean;
  grows: boolean;
}
// Object keys that are whole numbers come first and in ascending order: the list says its own order.
const HEIGHTS = (['1080', '720', '480', '1440', '2160', 'source'] as const).map(
  (height) => [height, words.video.heights[height]] as const,
);

function FilmForm({ timelapse, onClose }: Omit<Props, 'open'>) {
  const [draft, setDraft] = useState<Draft>({
    name: '',
    fps: '24',
    height: '1080',
    quality: 'medium',
    from: '',
    to: '',
    flagged: false,
    deflicker: false,
    grows: false,
  });
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const make = useAction({
    run: actions.createVideo,
    stale: [keys.videosOf(timelapse.id)],
    done: words.video.queued,
    faults: 'in-form',
    onDone: onClose,
  });
  const zone = timelapse.schedule.timeZone;
  const [from, to] = [momentOfLocal(draft.from, zone), momentOfLocal(draft.to, zone)];
  const frames = useFrameCount(timelapse, { from, to, flagged: draft.flagged });
  const fps = Number(draft.fps);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { name, height, quality, flagged, deflicker, grows } = draft;
    const heightPx = height === 'source' ? null : Number(height);
    make.run({
      timelapseId: timelapse.id,
      ...(name.trim() === '' ? {} : { name: name.trim() }),
      fps,
      heightPx,
      quality,
      from,
      to,
      flagged,
      ...(deflicker ? { deflicker: 1 } : {}),
      ...(grows ? { grows } : {}),
    });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={words.video.name}
        value={draft.name}
        maxLength={120}
        onChange={(event) => set({ name: event.target.value })}
        problem={make.problemOf('name')}
      />
      <div className="fields">
        <TextField
          label={words.video.fps}
          type="number"
          inputMode="decimal"
          min="1"
          max="120"
          step="any"
          required
          value={draft.fps}
          onChange={(event) => set({ fps: event.target.value })}
          problem={make.problemOf('fps')}
        />
        <SelectField
          label={words.video.height}
          value={draft.height}
          options={HEIGHTS}
          onPick={(height) => set({ height })}
          problem={make.problemOf('heightPx')}
        />
        <SelectField
          label={words.video.quality}
          value={draft.quality}
          options={Object.entries(words.video.qualities) as [VideoInput['quality'], string][]}
          onPick={(quality) => set({ quality })}
        />
      </div>
      <div className="fields">
        <TextField
          label={words.video.from}
          type="datetime-local"
          value={draft.from}
          onChange={(event) => set({ from: event.target.value })}
          problem={make.problemOf('from')}
        />
        <TextField
          label={words.video.to}
          type="datetime-local"
          value={draft.to}
          onChange={(event) => set({ to: event.target.value })}
          problem={make.problemOf('to')}
        />
      </div>
      <CheckField label={words.video.flagged} checked={draft.flagged} onPick={(flagged) => set({ flagged })} />
      <CheckField label={words.video.deflicker} checked={draft.deflicker} onPick={(deflicker) => set({ deflicker })} />
      <CheckField label={words.video.grows} checked={draft.grows} onPick={(grows) => set({ grows })} />
      <p className="film-length" aria-live="polite">
        {frames === null
          ? words.video.counting
          : frames < 2
            ? words.video.tooFew
            : fps > 0
              ? words.video.length(words.video.frames(frames), sayLength((frames / fps) * 1000))
              : ''}
      </p>
      <FormProblem fault={make.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={make.busy} disabled={frames !== null && frames < 2}>
          {make.busy ? words.video.making : words.video.make}
        </Button>
      </div>
    </form>
  );
}

/** How many frames the film would have: from the counters, or of a part of the time from its coverage. null: not known yet. */
function useFrameCount(
  timelapse: TimelapseView,
  part: { from: number | null; to: number | null; flagged: boolean },
): number | null {
  const whole = part.from === null && part.to === null;
  const [opened] = useState(serverNow);
  const from = part.from ?? timelapse.startedAt;
  const bounds = { from, to: Math.max(from, part.to ?? opened) };
  const { data } = useQuery({ ...queries.coverage(timelapse.id, bounds, 30_000), enabled: !whole });
  if (whole) return part.flagged ? timelapse.frames : timelapse.frames - timelapse.flagged;
  if (data === undefined) return null;
  return (data.outcomes.captured ?? 0) + (part.flagged ? (data.outcomes.flagged ?? 0) : 0);
}
