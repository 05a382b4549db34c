/** Work on many pictures: how far it is, and the way to stop it. */
import type { BulkView } from '@slowlight/protocol';
import { useState } from 'react';
import { sayNumber } from '../moments/say.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Ago } from '../parts/moment.tsx';
import { Progress } from '../parts/progress.tsx';
import { useAction } from '../server/actions.ts';
import { houseActions, houseKeys } from '../server/house.ts';
import { words } from '../words.ts';

interface Props {
  bulk: BulkView;
  mayOperate: boolean;
  /** Where it is one of many places: whose pictures they are. */
  place?: string | undefined;
}

export function BulkRow({ bulk, mayOperate, place }: Props) {
  const [cancelling, setCancelling] = useState(false);
  const cancel = useAction({ run: houseActions.cancelBulk, stale: [houseKeys.bulk], done: words.parts.cancelled });
  const { what, state, total, lookedAt, made, failed, reason, createdAt } = bulk;
  const name = words.parts.bulkWhats[what];
  return (
    <li className="fault">
      <div className="row">
        <span>{place === undefined ? name : `${name}, ${place}`}</span>
        <span className="muted small">
          {words.parts.bulkStates[state]},{' '}
          {words.parts.bulkProgress(sayNumber(lookedAt), sayNumber(total), sayNumber(made))}
          {failed > 0 && <span className="warn-text">, {words.parts.bulkFailed(failed)}</span>}
          {', '}
          <Ago at={createdAt} />
        </span>
        {mayOperate && state === 'running' && (
          <Button className="at-end" busy={cancel.busy} onClick={() => setCancelling(true)}>
            {words.parts.cancel}
          </Button>
        )}
      </div>
      {state === 'running' && <Progress part={total === 0 ? null : lookedAt / total} label={name} />}
      {reason !== null && <p className="film-reason">{reason}</p>}
      <Confirm
        open={cancelling}
        onOpenChange={setCancelling}
        title={words.parts.cancelTitle}
        action={words.parts.cancel}
        danger
        onConfirm={() => cancel.run(bulk)}
      >
        <p>{words.parts.cancelBulk}</p>
      </Confirm>
    </li>
  );
}
