/** Begins work on many pictures: those of a timelapse, or of all cameras of a site. */
import type { BulkInput, SiteId, TimelapseId } from '@slowlight/protocol';
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

interface Props {
  open: boolean;
  onClose: () => void;
  /** Nothing: those of a site, which is chosen. */
  timelapseId?: TimelapseId;
}

export function BulkDialog({ open, onClose, timelapseId }: Props) {
  const sites = useQuery({ ...queries.sites, enabled: open && timelapseId === undefined });
  return (
    <Dialog
      title={words.parts.bulk}
      explanation={timelapseId === undefined ? words.parts.bulkText : words.parts.bulkTextHere}
      width="narrow"
      open={open}
      onOpenChange={onClose}
    >
      {timelapseId !== undefined ? (
        <BulkForm timelapseId={timelapseId} sites={[]} onClose={onClose} />
      ) : (
        <Loaded query={sites}>
          {(list) => <BulkForm sites={list.map(({ id, name }) => [id, name] as const)} onClose={onClose} />}
        </Loaded>
      )}
    </Dialog>
  );
}

interface FormProps extends Pick<Props, 'timelapseId' | 'onClose'> {
  sites: readonly (readonly [SiteId, string])[];
}

function BulkForm({ timelapseId, sites, onClose }: FormProps) {
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
    if (timelapseId !== undefined) start.run({ what, which, timelapseId });
    else if (siteId !== undefined) start.run({ what, which, siteId });
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
