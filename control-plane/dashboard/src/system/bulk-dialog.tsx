import type { BulkInput, SiteId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, SelectField } from '../parts/field.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useAction } from '../server/actions.ts';
import { houseActions, houseKeys } from '../server/house.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';

const WHATS = Object.entries(words.parts.bulkWhats) as [BulkInput['what'], string][];
const WHICHES = Object.entries(words.parts.bulkWhiches) as [BulkInput['which'], string][];

export function BulkDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const sites = useQuery({ ...queries.sites, enabled: open });
  return (
    <Dialog
      title={words.parts.bulk}
      explanation={words.parts.bulkText}
      width="narrow"
      open={open}
      onOpenChange={onClose}
    >
      <Loaded query={sites}>
        {(list) => <BulkForm sites={list.map(({ id, name }) => [id, name] as const)} onClose={onClose} />}
      </Loaded>
    </Dialog>
  );
}

function BulkForm({ sites, onClose }: { sites: readonly (readonly [SiteId, string])[]; onClose: () => void }) {
  const [what, setWhat] = useState<BulkInput['what']>('thumbnails');
  const [which, setWhich] = useState<BulkInput['which']>('broken');
  const [siteId, setSiteId] = useState(sites[0]?.[0]);
  const start = useAction({
    run: houseActions.startBulk,
    stale: [houseKeys.bulk],
    done: words.parts.bulkStarted,
    faults: 'in-form',
    onDone: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (siteId !== undefined) start.run({ what, which, siteId });
  };
  return (
    <form className="form" onSubmit={submit}>
      <SelectField label={words.parts.bulkWhat} value={what} options={WHATS} onPick={setWhat} />
      <SelectField label={words.parts.bulkWhich} value={which} options={WHICHES} onPick={setWhich} />
      {siteId !== undefined && (
        <SelectField label={words.parts.bulkSite} value={siteId} options={sites} onPick={setSiteId} />
      )}
      <FormProblem fault={start.fault} />
      <div className="dialog-foot">
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={start.busy}>
          {words.parts.bulkStart}
        </Button>
      </div>
    </form>
  );
}
