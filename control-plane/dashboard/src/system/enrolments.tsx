/** Devices that want to come in, and tokens that nobody has used yet; nothing where there are none. */
import type { AgentView, EnrolmentView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { Button } from '../parts/button.tsx';
import { useAction } from '../server/actions.ts';
import { enrolmentActions, enrolmentKeys, enrolmentQueries } from '../server/enrolments.ts';
import { keys, queries } from '../server/queries.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';

export function Enrolments() {
  const mayOperate = useMay('operate');
  const enrolments = useQuery({ ...enrolmentQueries.all, enabled: mayOperate });
  const agents = useQuery(queries.agents).data ?? [];
  const undecided = (enrolments.data ?? []).filter(({ state }) => state === 'waiting' || state === 'open');
  if (undecided.length === 0) return null;
  return (
    <section className="panel stack" aria-label={words.enrolment.waiting}>
      <h3>{words.enrolment.waiting}</h3>
      <ul className="rows">
        {undecided.map((enrolment) => (
          <Enrolment key={enrolment.id} enrolment={enrolment} agents={agents} />
        ))}
      </ul>
    </section>
  );
}

function Enrolment({ enrolment, agents }: { enrolment: EnrolmentView; agents: readonly AgentView[] }) {
  const { id, name, device, replaces, state } = enrolment;
  const stale = [enrolmentKeys.all, keys.agents];
  const accept = useAction({ run: enrolmentActions.accept, stale, done: words.enrolment.accepted });
  const refuse = useAction({ run: enrolmentActions.refuse, stale, done: words.enrolment.refused });
  const cancel = useAction({ run: enrolmentActions.cancel, stale, done: words.enrolment.cancelled });
  const replaced = agents.find((agent) => agent.id === replaces);
  if (state === 'open' || device === null)
    return (
      <li className="row">
        <span>{words.enrolment.open(name)}</span>
        <span className="at-end" />
        <Button kind="quiet" busy={cancel.busy} onClick={() => cancel.run(id)}>
          {words.enrolment.cancel}
        </Button>
      </li>
    );
  return (
    <li className="row">
      <div>
        <p>
          {words.enrolment.waits(device.name, device.address)},{' '}
          {replaces === null ? words.enrolment.as(name) : words.enrolment.instead(replaced?.name ?? name)}
        </p>
        <p className="muted">
          {words.enrolment.compare} <code>{device.key}</code>
        </p>
      </div>
      <span className="at-end" />
      <Button busy={refuse.busy} onClick={() => refuse.run(id)}>
        {words.enrolment.refuse}
      </Button>
      <Button kind="strong" busy={accept.busy} onClick={() => accept.run(id)}>
        {words.enrolment.accept}
      </Button>
    </li>
  );
}
