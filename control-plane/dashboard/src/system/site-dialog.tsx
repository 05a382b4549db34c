import type { SiteView } from '@slowlight/protocol';
import { type FormEvent, useId, useState } from 'react';
import { ownZone } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, TextField } from '../parts/field.tsx';
import { actions, useAction } from '../server/actions.ts';
import { keys } from '../server/queries.ts';
import { words } from '../words.ts';

interface Props {
  open: boolean;
  onClose: () => void;
  /** null: a new one. */
  site: SiteView | null;
}

export function SiteDialog({ open, onClose, site }: Props) {
  return (
    <Dialog
      title={site === null ? words.system.addSite : words.system.editSite}
      width="narrow"
      open={open}
      onOpenChange={onClose}
    >
      <SiteForm site={site} onClose={onClose} />
    </Dialog>
  );
}

const degrees = (text: string) => (text.trim() === '' ? null : Number(text));

export function SiteForm({ site, onClose }: Omit<Props, 'open'>) {
  const zones = useId();
  const [draft, setDraft] = useState({
    name: site?.name ?? '',
    timeZone: site?.timeZone ?? ownZone(),
    latitude: site?.latitude?.toString() ?? '',
    longitude: site?.longitude?.toString() ?? '',
  });
  const set = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }));
  const done = { stale: [keys.sites], done: words.common.saved, faults: 'in-form', onDone: onClose } as const;
  const create = useAction({ run: actions.createSite, ...done });
  const change = useAction({ run: actions.changeSite, ...done });
  const action = site === null ? create : change;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const input = {
      name: draft.name.trim(),
      timeZone: draft.timeZone.trim(),
      latitude: degrees(draft.latitude),
      longitude: degrees(draft.longitude),
    };
    if (site === null) create.run(input);
    else change.run({ id: site.id, ...input });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={words.system.siteName}
        value={draft.name}
        required
        maxLength={120}
        onChange={(event) => set({ name: event.target.value })}
        problem={action.problemOf('name')}
      />
      <TextField
        label={words.system.siteZone}
        list={zones}
        value={draft.timeZone}
        required
        spellCheck={false}
        help={words.system.siteZoneHelp}
        onChange={(event) => set({ timeZone: event.target.value })}
        problem={action.problemOf('timeZone')}
      />
      <datalist id={zones}>
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
      <div className="fields">
        <TextField
          label={words.system.latitude}
          type="number"
          min="-90"
          max="90"
          step="any"
          value={draft.latitude}
          onChange={(event) => set({ latitude: event.target.value })}
          problem={action.problemOf('latitude')}
        />
        <TextField
          label={words.system.longitude}
          type="number"
          min="-180"
          max="180"
          step="any"
          value={draft.longitude}
          onChange={(event) => set({ longitude: event.target.value })}
          problem={action.problemOf('longitude')}
        />
      </div>
      <FormProblem fault={action.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={action.busy}>
          {words.common.save}
        </Button>
      </div>
    </form>
  );
}
