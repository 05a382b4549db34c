import type { AgentView, EnrolmentCreated } from '@slowlight/protocol';
import { type FormEvent, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { CheckField, FormProblem } from '../parts/field.tsx';
import { useAction } from '../server/actions.ts';
import { enrolmentActions, enrolmentKeys } from '../server/enrolments.ts';
import { words } from '../words.ts';
import { EnrolCommand } from './enrol-command.tsx';

/** A token with which another device takes the place of this agent. */
export function ReplaceDialog({
  agent,
  zone,
  open,
  onClose,
}: {
  agent: AgentView;
  zone: string;
  open: boolean;
  onClose: () => void;
}) {
  const [made, setMade] = useState<EnrolmentCreated | null>(null);
  const [needsAcceptance, setNeedsAcceptance] = useState(false);
  const create = useAction({
    run: enrolmentActions.create,
    stale: [enrolmentKeys.all],
    faults: 'in-form',
    onDone: setMade,
  });
  const close = () => {
    setMade(null);
    create.forget();
    onClose();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.run({ replaces: agent.id, needsAcceptance });
  };
  return (
    <Dialog title={words.enrolment.replaceTitle(agent.name)} open={open} onOpenChange={close}>
      {made !== null ? (
        <>
          <EnrolCommand made={made} zone={zone} />
          <div className="dialog-foot">
            <Button kind="strong" onClick={close}>
              {words.common.close}
            </Button>
          </div>
        </>
      ) : (
        <form className="form" onSubmit={submit}>
          <p>{words.enrolment.replaceText}</p>
          <CheckField
            label={words.enrolment.needsAcceptance}
            help={words.enrolment.needsAcceptanceHelp}
            checked={needsAcceptance}
            onPick={setNeedsAcceptance}
          />
          <FormProblem fault={create.fault} />
          <div className="dialog-foot">
            <Button onClick={close}>{words.common.cancel}</Button>
            <Button kind="strong" type="submit" busy={create.busy}>
              {words.enrolment.makeToken}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
