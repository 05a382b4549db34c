/** Composes a film: its pictures can be leafed through as the film would show them, before anything is encoded. */
import type { TimelapseView, VideoInput } from '@slowlight/protocol';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { sayLength, sayNumber } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CheckField, FormProblem, TextField } from '../parts/field.tsx';
import { type FilmDraft, newFilm, videoInputOf } from '../pieces/film-draft.ts';
import { FilmChoiceFields, FilmLookFields, FilmSpeedFields } from '../pieces/film-fields.tsx';
import { FilmTitleFields } from '../pieces/film-title-fields.tsx';
import { actions, useAction } from '../server/actions.ts';
import { placeQueries } from '../server/place-queries.ts';
import { keys } from '../server/queries.ts';
import { isServerFault } from '../server/request.ts';
import { words } from '../words.ts';
import { Flipbook } from './flipbook.tsx';
import { TitlePicture } from './title-picture.tsx';
import { useSettledInput } from './use-settled-input.ts';

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
      width="film"
      open={open}
      onOpenChange={onClose}
    >
      <FilmForm timelapse={timelapse} onClose={onClose} />
    </Dialog>
  );
}

function FilmForm({ timelapse, onClose }: Omit<Props, 'open'>) {
  const [draft, setDraft] = useState(newFilm);
  const set = (change: Partial<FilmDraft>) => setDraft((before) => ({ ...before, ...change }));
  const make = useAction({
    run: actions.createVideo,
    stale: [keys.videosOf(timelapse.id)],
    done: words.video.queued,
    faults: 'in-form',
    onDone: onClose,
  });
  const zone = timelapse.schedule.timeZone;
  const input = videoInputOf(draft, timelapse.id, zone);
  const overlay = useQuery(placeQueries.overlayOf(timelapse.id)).data ?? null;
  const preview = usePreview(input);
  const frames = preview.data?.frames ?? null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (input !== null) make.run(input);
  };
  const fields = { draft, set, problemOf: make.problemOf };
  return (
    <form className="form" onSubmit={submit}>
      <div className="composer">
        <div className="composer-sight">
          <Flipbook
            input={input}
            fit={draft.fit}
            fps={preview.data?.fps ?? 24}
            zone={zone}
            overlay={draft.overlay ? overlay : null}
          />
          <TitlePicture input={input} />
          <p className="film-length" aria-live="polite">
            {sayPreview(preview)}
          </p>
        </div>
        <div className="form composer-fields">
          <FilmSpeedFields {...fields} />
          <fieldset className="form-part">
            <legend>{words.film.choice}</legend>
            <FilmChoiceFields {...fields} between />
          </fieldset>
          <fieldset className="form-part">
            <legend>{words.film.look}</legend>
            <FilmLookFields {...fields} hasOverlay={overlay !== null} />
            <FilmTitleFields {...fields} name={timelapse.name} />
          </fieldset>
          <fieldset className="form-part">
            <legend>{words.film.file}</legend>
            <TextField
              label={words.video.name}
              value={draft.name}
              maxLength={120}
              onChange={(event) => set({ name: event.target.value })}
              problem={make.problemOf('name')}
            />
            <CheckField label={words.video.grows} checked={draft.grows} onPick={(grows) => set({ grows })} />
          </fieldset>
        </div>
      </div>
      <FormProblem fault={make.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button
          kind="strong"
          type="submit"
          busy={make.busy}
          disabled={input === null || (frames !== null && frames < 2)}
        >
          {make.busy ? words.video.making : words.video.make}
        </Button>
      </div>
    </form>
  );
}

function usePreview(input: VideoInput | null) {
  const settled = useSettledInput(input);
  return useQuery({
    ...placeQueries.filmPreview(settled ?? NONE),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
  });
}

function sayPreview({ data, error }: ReturnType<typeof usePreview>): string {
  if (error !== null) return isServerFault(error) ? `${error.message} ${error.hint ?? ''}` : error.message;
  if (data === undefined) return words.video.counting;
  if (data.frames < 2) return words.video.tooFew;
  const length = words.video.length(words.video.frames(data.frames), sayLength(data.durationMs));
  const speed = words.video.rate(sayNumber(Math.round(data.fps * 100) / 100));
  return [`${length} ${speed}.`, data.reason].filter(Boolean).join(' ');
}

/** Never asked: only the shape that a query needs while it is off. */
const NONE = { timelapseId: '' } as unknown as VideoInput;
