/** The fields of a film's title: a card with up to three lines before its first picture. */
import { CheckField, Field, SelectField, TextField } from '../parts/field.tsx';
import { words } from '../words.ts';
import type { FilmDraft } from './film-draft.ts';

interface Props {
  draft: FilmDraft;
  set: (change: Partial<FilmDraft>) => void;
  problemOf: (path: string) => string | undefined;
  /** What the title says first where nothing else is written. */
  name: string;
}
const text = words.film.title;
const GROUNDS = (['blurred', 'plain'] as const).map((ground) => [ground, text.grounds[ground]] as const);

export function FilmTitleFields({ draft, set, problemOf, name }: Props) {
  return (
    <>
      <CheckField label={text.use} checked={draft.title} onPick={(title) => set({ title })} />
      {draft.title && (
        <>
          <Field label={text.text} help={text.textHelp} problem={problemOf('title.text')}>
            {(ids) => (
              <textarea
                className="input"
                rows={3}
                maxLength={250}
                placeholder={`${name}\n${text.days}`}
                value={draft.titleText}
                onChange={(event) => set({ titleText: event.target.value })}
                {...ids}
              />
            )}
          </Field>
          <div className="fields">
            <TextField
              label={text.seconds}
              type="number"
              inputMode="decimal"
              min="1"
              max="10"
              step="0.5"
              required
              value={draft.titleSeconds}
              onChange={(event) => set({ titleSeconds: event.target.value })}
              problem={problemOf('title.seconds')}
            />
            <SelectField
              label={text.ground}
              value={draft.titleGround}
              options={GROUNDS}
              onPick={(titleGround) => set({ titleGround })}
            />
          </div>
        </>
      )}
    </>
  );
}
