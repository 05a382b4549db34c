/** A chapter of THE PAGE: who comes in through an identity provider, and how long it is kept who changed what. */
import { type Clock, type Failure, runLoop } from '@slowlight/protocol/kit';
import type { PeopleConfig } from './config-people.ts';
import type { Log } from './frame.ts';
import type { OpenIdDoor } from './http/deps.ts';
import type { Records } from './ports.ts';

const DAY_MS = 86_400_000;
const FORGET_EVERY_MS = DAY_MS / 4;
const RETURN = '/api/session/open-id/return';

export interface PeopleWork {
  /** null: people log in with their passwords only. */
  openId: OpenIdDoor | null;
  /** Forgets what is older than it is kept, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

export async function wirePeople(
  { records, clock, log }: { records: Records; clock: Clock; log: Log },
  { people, publicUrl }: { people: PeopleConfig; publicUrl: string | null },
): Promise<PeopleWork> {
  const { openId, auditDays } = people;
  async function forget(): Promise<number> {
    const forgotten = await records.forgetAudit(clock.now() - auditDays * DAY_MS);
    if (forgotten > 0) log.info({ entries: forgotten }, 'old entries of the audit log are gone');
    return FORGET_EVERY_MS;
  }
  const onFailure = (failure: Failure, waitMs: number) =>
    log.warn({ reason: failure.message, waitMs }, 'old entries of the audit log stay for now; it is tried again');
  async function openDoor(asked: NonNullable<typeof openId>): Promise<OpenIdDoor> {
    const { createOpenIdDoor } = await import('./http/open-id.ts');
    return createOpenIdDoor({ records }, { ...asked, returnTo: `${publicUrl ?? ''}${RETURN}` });
  }
  return {
    openId: openId === null ? null : await openDoor(openId),
    run: (signal) => runLoop(forget, { clock, onFailure }, signal),
  };
}
