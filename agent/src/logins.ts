/**
 * With what this agent comes in. Promise: it never loses its last good login: another one is on the card before it is used,
 * and the one before stays there until the control plane has listened under the new one.
 */
import {
  type AgentCommand,
  type CredentialGiven,
  credentialContext,
  credentialGiven,
  userNameBefore,
} from '@slowlight/protocol';
import { Failure, unseal } from '@slowlight/protocol/kit';
import type { Log } from './frame.ts';
import { type Identity, type IdentityFile, type Login, readIdentity, writeIdentity } from './identity.ts';

type Taken = Extract<AgentCommand, { type: 'take-credential' }>['body'];

export function createLogins({ log }: { log: Log }, file: string, identity: Identity) {
  let newest: Login = identity;
  let previous: Login | null = identity.previous ?? null;
  /** A broker may not have heard of the newest one yet, or any more: then it is the turn of the next way in. */
  let inUse: WayIn = { login: newest, username: identity.agentId };
  let writing: Promise<unknown> = Promise.resolve();

  /** One change of the file at a time. */
  function change(make: (now: IdentityFile) => IdentityFile): Promise<void> {
    const changed = writing.then(async () => writeIdentity(file, make(await readIdentity(file))));
    writing = changed.catch(() => {});
    return changed;
  }

  /** In the order in which they are tried: a broker of a larger house knows the older of two under the second name. */
  function waysIn(): readonly [WayIn, ...WayIn[]] {
    const as = (login: Login, username: string): WayIn => ({ login, username });
    const own = identity.agentId;
    const second = userNameBefore(own);
    if (previous === null) return [as(newest, own), as(newest, second)];
    return [as(newest, own), as(previous, own), as(previous, second), as(newest, second)];
  }

  return {
    login: () => ({ username: inUse.username, secret: inUse.login.secret }),
    credentialId: () => inUse.login.credentialId,
    /** The broker did not let it in. */
    refused(): void {
      const { login: before, username } = inUse;
      const ways = waysIn();
      const at = ways.findIndex((way) => way.login === before && way.username === username);
      inUse = ways[(at + 1) % ways.length] ?? ways[0];
      if (inUse.login !== before) log.warn({}, 'the login was refused: trying the other one that this agent has');
    },
    /** The control plane listens under the login that is in use. */
    async accepted(): Promise<void> {
      if (inUse.login !== newest || previous === null) return;
      previous = null;
      await change(({ previous: _, ...rest }) => rest);
      log.info({}, 'the new login is in use, and the one before is forgotten');
    },
    /**
     * Durable when it resolves. Gives whether the way to the broker has changed too, so that a reconnect is not enough.
     * @throws Failure `credential.not-for-us` | `identity.*`
     */
    async take({ credentialId, sealed }: Taken): Promise<{ elsewhere: boolean }> {
      const given = open(credentialId, sealed, identity.privateKey);
      const { secret, brokerUrl, ca } = given;
      const before = inUse.login;
      await change((now) => ({
        ...now,
        secret,
        credentialId,
        brokerUrl,
        ca,
        previous: { secret: before.secret, credentialId: before.credentialId },
      }));
      previous = before;
      newest = { secret, credentialId };
      inUse = { login: newest, username: identity.agentId };
      return { elsewhere: brokerUrl !== identity.brokerUrl || ca !== (identity.ca ?? null) };
    },
  };
}
interface WayIn {
  login: Login;
  username: string;
}
export type Logins = ReturnType<typeof createLogins>;

function open(credentialId: Taken['credentialId'], sealed: string, privateKey: string): CredentialGiven {
  try {
    const given = credentialGiven.parse(JSON.parse(unseal(sealed, privateKey, credentialContext(credentialId))));
    if (given.credentialId === credentialId) return given;
  } catch (cause) {
    throw notForUs(cause);
  }
  throw notForUs(null);
}

const notForUs = (cause: unknown) =>
  new Failure({
    code: 'credential.not-for-us',
    message: 'the new login cannot be opened with this agent’s key',
    hint: 'The agent stays with the login that it has. Enrol it again if it has a new key.',
    retry: 'never',
    cause,
  });
