/** Adds an agent: gives the command that makes a device one, once. */
import type { EnrolmentCreated, SiteId, SiteView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CheckField, FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { useAction } from '../server/actions.ts';
import { enrolmentActions, enrolmentKeys } from '../server/enrolments.ts';
import { queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { EnrolCommand } from './enrol-command.tsx';
import { SiteForm } from './site-dialog.tsx';

export function AgentDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [made, setMade] = useState<EnrolmentCreated | null>(null);
  const sites = useQuery({ ...queries.sites, enabled: open });
  const [newSite, setNewSite] = useState(false);
  const close = () => {
    setMade(null);
    setNewSite(false);
    onClose();
  };
  if (made !== null)
    return (
      <Dialog title={words.enrolment.run} open={open} onOpenChange={close}>
        <EnrolCommand made={made} zone={zoneOf(sites.data, made.enrolment.siteId)} />
        <div className="dialog-foot">
          <Button kind="strong" onClick={close}>
            {words.common.close}
          </Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title={newSite ? words.system.addSite : words.system.addAgent} open={open} onOpenChange={close}>
      <Loaded query={sites}>
        {(list) =>
          newSite || list.length === 0 ? (
            <SiteForm site={null} onClose={() => setNewSite(false)} />
          ) : (
            <AgentForm
              sites={list.map(({ id, name }) => [id, name] as const)}
              onMade={setMade}
              onNewSite={() => setNewSite(true)}
              onClose={close}
            />
          )
        }
      </Loaded>
    </Dialog>
  );
}

const zoneOf = (sites: readonly SiteView[] | undefined, id: SiteId): string =>
  sites?.find((site) => site.id === id)?.timeZone ?? 'UTC';

interface FormProps {
  sites: readonly (readonly [SiteId, string])[];
  onMade: (made: EnrolmentCreated) => void;
  onNewSite: () => void;
  onClose: () => void;
}

function AgentForm({ sites, onMade, onNewSite, onClose }: FormProps) {
  const [name, setName] = useState('');
  const [siteId, setSiteId] = useState(sites[0]?.[0]);
  const [needsAcceptance, setNeedsAcceptance] = useState(false);
  const create = useAction({
    run: enrolmentActions.create,
    stale: [enrolmentKeys.all],
    faults: 'in-form',
    onDone: onMade,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (siteId !== undefined) create.run({ siteId, name: name.trim(), needsAcceptance });
  };
  return (
    <form className="form" onSubmit={submit}>
      <TextField
        label={words.system.addAgentName}
        value={name}
        required
        maxLength={120}
        onChange={(event) => setName(event.target.value)}
        problem={create.problemOf('name')}
      />
      {siteId !== undefined && (
        <SelectField label={words.system.site} value={siteId} options={sites} onPick={setSiteId} />
      )}
      <CheckField
        label={words.enrolment.needsAcceptance}
        help={words.enrolment.needsAcceptanceHelp}
        checked={needsAcceptance}
        onPick={setNeedsAcceptance}
      />
      <FormProblem fault={create.fault} />
      <div className="dialog-foot">
        <Button kind="quiet" className="aside" onClick={onNewSite}>
          {words.system.newSite}
        </Button>
        <Button onClick={onClose}>{words.common.cancel}</Button>
        <Button kind="strong" type="submit" busy={create.busy}>
          {words.system.addAgent}
        </Button>
      </div>
    </form>
  );
}
