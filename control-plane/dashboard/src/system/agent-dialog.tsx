/** Adds an agent and shows its login, once. */
import type { SiteId } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { FormProblem, SelectField, TextField } from '../parts/field.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Secret } from '../parts/secret.tsx';
import { type AgentCreated, actions, useAction } from '../server/actions.ts';
import { keys, queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { SiteForm } from './site-dialog.tsx';

export function AgentDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [made, setMade] = useState<AgentCreated | null>(null);
  const sites = useQuery({ ...queries.sites, enabled: open });
  const [newSite, setNewSite] = useState(false);
  const close = () => {
    setMade(null);
    setNewSite(false);
    onClose();
  };
  if (made !== null)
    return (
      <Dialog title={words.system.agentAdded} explanation={words.system.secretOnce} open={open} onOpenChange={close}>
        <div className="stack">
          <Secret label={words.system.agentId} value={made.agent.id} />
          <Secret label={words.system.secret} value={made.secret} />
          <Secret label={words.system.broker} value={made.brokerUrl} />
        </div>
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

interface FormProps {
  sites: readonly (readonly [SiteId, string])[];
  onMade: (made: AgentCreated) => void;
  onNewSite: () => void;
  onClose: () => void;
}

function AgentForm({ sites, onMade, onNewSite, onClose }: FormProps) {
  const [name, setName] = useState('');
  const [siteId, setSiteId] = useState(sites[0]?.[0]);
  const create = useAction({ run: actions.createAgent, stale: [keys.agents], faults: 'in-form', onDone: onMade });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (siteId !== undefined) create.run({ siteId, name: name.trim() });
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
