/** What is removed by age. It is set only after a look at what would go. */
import type { RetentionPreview, RetentionSettings } from '@slowlight/protocol';
import { useQueries, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { sayBytes, sayNumber } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { FormProblem, TextField } from '../parts/field.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useAction } from '../server/actions.ts';
import { houseActions, houseKeys, houseQueries } from '../server/house.ts';
import { queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { AGES, goesNothing, retentionDraftOf, retentionOf } from './retention-draft.ts';

export function Retention() {
  const settings = useQuery(houseQueries.retention);
  return (
    <section className="section">
      <div className="section-head">
        <h2>{words.retention.title}</h2>
      </div>
      <div className="panel stack">
        <p className="muted small">{words.retention.text}</p>
        <Loaded query={settings}>{(known) => <RetentionForm key={JSON.stringify(known)} settings={known} />}</Loaded>
      </div>
    </section>
  );
}

function RetentionForm({ settings }: { settings: RetentionSettings }) {
  const mayChange = useMay('administer', 'house');
  const [draft, setDraft] = useState(() => retentionDraftOf(settings));
  const [seen, setSeen] = useState<{ wish: RetentionSettings; preview: RetentionPreview } | null>(null);
  const [asking, setAsking] = useState(false);
  const look = useAction({
    run: houseActions.previewRetention,
    faults: 'in-form',
    onDone: (preview, wish) => setSeen({ wish, preview }),
  });
  const set = useAction({ run: houseActions.setRetention, stale: [houseKeys.retention], done: words.retention.done });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    look.run(retentionOf(draft, settings));
  };
  return (
    <form className="form" onSubmit={submit}>
      <div className="fields">
        {AGES.map((age) => (
          <TextField
            key={age}
            label={words.retention[age]}
            type="number"
            min="1"
            max="36500"
            step="1"
            value={draft[age]}
            disabled={!mayChange}
            onChange={(event) => {
              setSeen(null);
              setDraft({ ...draft, [age]: event.target.value });
            }}
          />
        ))}
      </div>
      <FormProblem fault={look.fault} />
      {seen !== null && (
        <div className="stack" role="status">
          <WouldGo preview={seen.preview} />
        </div>
      )}
      <div className="actions">
        <Button type="submit" busy={look.busy}>
          {words.retention.look}
        </Button>
        {mayChange && seen !== null && (
          <Button
            kind={goesNothing(seen.preview) ? 'strong' : 'danger'}
            busy={set.busy}
            onClick={() => (goesNothing(seen.preview) ? set.run(seen.wish) : setAsking(true))}
          >
            {words.retention.apply}
          </Button>
        )}
      </div>
      {seen !== null && (
        <Confirm
          open={asking}
          onOpenChange={setAsking}
          title={words.retention.applyTitle}
          action={words.retention.apply}
          danger
          onConfirm={() => set.run(seen.wish)}
        >
          <WouldGo preview={seen.preview} />
          <p>{words.retention.forGood}</p>
        </Confirm>
      )}
    </form>
  );
}

function WouldGo({ preview }: { preview: RetentionPreview }) {
  const { frames, frameBytes, thumbnails, overlays, videos, videoBytes, timelapses } = preview;
  const names = useQueries({
    queries: timelapses.slice(0, 20).map(({ timelapseId }) => queries.timelapse(timelapseId)),
  });
  if (goesNothing(preview)) return <p>{words.retention.nothingGoes}</p>;
  const all = [
    frames > 0 && words.retention.pictures(sayNumber(frames), sayBytes(frameBytes)),
    thumbnails > 0 && words.retention.thumbnailsGo(sayNumber(thumbnails)),
    overlays > 0 && words.retention.overlaysGo(sayNumber(overlays)),
    videos > 0 && words.retention.films(sayNumber(videos), sayBytes(videoBytes)),
  ].filter((one) => one !== false);
  return (
    <>
      <p>
        {words.retention.wouldGo}: <strong>{all.join(', ')}</strong>
      </p>
      <ul className="small">
        {timelapses.map((one, index) => (
          <li key={one.timelapseId}>
            {names[index]?.data?.name ?? words.retention.unknownTimelapse}:{' '}
            {words.retention.of(sayNumber(one.frames), sayNumber(one.of))}
          </li>
        ))}
      </ul>
    </>
  );
}
