/**
 * Lets devices in as agents, and gives agents another credential.
 *
 * Promise: a token is good once, for one key, and what a device is given is readable by that device only; asking again gives
 * the same. An agent always has one credential that is good.
 * Invariants: of tokens and secrets only hashes are kept; an answer is kept sealed, and only until the device has come in.
 * When it fails: a device that got no answer asks again with the same key; a rotation that was not used in an hour is taken
 * back, and the agent stays with what it has.
 */
import {
  type AgentCommand,
  type AgentId,
  type AgentLoginGiven,
  type CredentialGiven,
  type CredentialView,
  credentialContext,
  type EnrolmentAnswer,
  type EnrolmentCreated,
  type EnrolmentInput,
  type EnrolmentRequest,
  enrolmentContext,
  newCommandId,
  newCredentialId,
} from '@slowlight/protocol';
import { type Clock, Failure, runLoop, seal } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { CommandRecords, PlaceRecords } from '../ports.ts';
import type { EnrolmentRecords, EnrolmentStep, NewCredential } from '../ports-enrolment.ts';

export interface EnrolmentDeps {
  clock: Clock;
  log: Log;
  records: Pick<
    EnrolmentRecords,
    | 'createEnrolment'
    | 'showToken'
    | 'fetchEnrolment'
    | 'addCredential'
    | 'agentsWithOldCredentials'
    | 'takeBackRotations'
  > &
    Pick<PlaceRecords, 'agent' | 'agentPublicKey'> &
    Pick<CommandRecords, 'createCommand'>;
  /** 256 random bits, base64url, and what is kept of them. */
  makeSecret: () => { secret: string; secretHash: string; brokerHash: string };
  sendCommand: (agent: AgentId, command: AgentCommand) => Promise<void>;
  /** Resolves when the broker has heard of the credentials that the records hold now. */
  tellBroker: () => Promise<void>;
  /** Where agents come in, and whom they are to trust there; asked each time. */
  reach: () => EnrolmentReach;
}

export interface EnrolmentReach {
  /** Of this server's API, such as `https://192.168.1.10:8443`. */
  url: string;
  brokerUrl: string;
  /** What a device pins; null: a usual authority, or this machine. */
  pin: string | null;
  /** PEM; null: the usual authorities. */
  ca: string | null;
}

export interface EnrolmentOptions {
  /** Agents get another credential after so long, ms; null: only when somebody asks. */
  rotateAfterMs: number | null;
}

const MINUTE_MS = 60_000;
/** A device that waits to be accepted asks again after this, ms. */
const AGAIN_MS = 5000;
/** How long a device may wait to be accepted, ms. */
const MOST_WAIT_MS = 7 * 86_400_000;
/** A rotation that was not used by then is taken back, ms. */
const UNUSED_MS = 3_600_000;
const LOOK_EVERY_MS = 600_000;
const COMMAND_LIFE_MS = 60_000;

export function createEnrolment(deps: EnrolmentDeps, { rotateAfterMs }: EnrolmentOptions) {
  const { clock, log, records, makeSecret, reach } = deps;

  function newCredential(): { secret: string; credential: NewCredential } {
    const { secret, secretHash, brokerHash } = makeSecret();
    return { secret, credential: { id: newCredentialId(), secretHash, brokerHash } };
  }

  async function create(input: EnrolmentInput): Promise<EnrolmentCreated> {
    let { secret: token, secretHash: hash } = makeSecret();
    // A word that begins with a dash would be read as an option by the command line that it is typed into.
    while (token.startsWith('-')) ({ secret: token, secretHash: hash } = makeSecret());
    const { url, pin } = reach();
    const expiresAt = clock.now() + input.lifeMinutes * MINUTE_MS;
    const enrolment = await records.createEnrolment(input, { hash, expiresAt });
    const command = `slowlight-agent enroll ${url} ${token}${pin === null ? '' : ` --pin ${pin}`}`;
    return { enrolment, token, url, pin, command };
  }

  /** @param tokenHash of the token that the request shows */
  async function show(
    { publicKey, device }: EnrolmentRequest,
    { tokenHash, address }: { tokenHash: string; address: string },
  ): Promise<EnrolmentAnswer> {
    const waitsUntil = clock.now() + MOST_WAIT_MS;
    const step = await records.showToken(tokenHash, { publicKey, device, address, waitsUntil });
    if (step.kind !== 'welcome') return answerOf(step);
    const { secret, credential } = newCredential();
    const { brokerUrl, ca } = reach();
    const fetched = await records.fetchEnrolment(step.id, credential, ({ agentId, firstSeq }) => {
      const login: AgentLoginGiven = { agentId, credentialId: credential.id, secret, brokerUrl, ca, firstSeq };
      return seal(JSON.stringify(login), publicKey, enrolmentContext(step.id));
    });
    await deps.tellBroker();
    log.info({ enrolment: step.id, address }, 'a device was enrolled');
    return answerOf(fetched);
  }

  /** @param ofAge nobody asked for it */
  async function rotate(agent: AgentId, ofAge = false): Promise<CredentialView> {
    const known = await records.agent(agent);
    const publicKey = await records.agentPublicKey(agent);
    if (known?.state !== 'online' || publicKey === null) throw notOnline(known?.name ?? agent);
    const { secret, credential } = newCredential();
    const { brokerUrl, ca } = reach();
    const given: CredentialGiven = { credentialId: credential.id, secret, brokerUrl, ca };
    const view = await records.addCredential(agent, credential, { ofAge });
    await deps.tellBroker();
    const sealed = seal(JSON.stringify(given), publicKey, credentialContext(credential.id));
    const expiresAt = clock.now() + COMMAND_LIFE_MS;
    const body = { credentialId: credential.id, sealed };
    const command = { v: 1 as const, type: 'take-credential' as const, id: newCommandId(), expiresAt, body };
    await records.createCommand(command, agent);
    await deps.sendCommand(agent, command);
    log.info({ agent }, 'an agent was handed another credential');
    return view;
  }

  async function look(signal: AbortSignal): Promise<number> {
    for (const agent of await records.takeBackRotations(clock.now() - UNUSED_MS))
      log.warn({ agent }, 'an agent did not take its new credential; it stays with the one it has');
    if (rotateAfterMs === null) return LOOK_EVERY_MS;
    for (const agent of await records.agentsWithOldCredentials(clock.now() - rotateAfterMs)) {
      if (signal.aborted) break;
      await rotate(agent, true);
    }
    return LOOK_EVERY_MS;
  }

  return {
    create,
    show,
    rotate: (agent: AgentId) => rotate(agent),
    run: (signal: AbortSignal): Promise<void> =>
      runLoop(
        look,
        {
          clock,
          onFailure: ({ message, hint }, waitMs) =>
            log.warn({ reason: message, hint, waitMs }, 'credentials cannot be looked after; it is tried again'),
        },
        signal,
      ),
  };
}
export type Enrolment = ReturnType<typeof createEnrolment>;

const WHY_OVER = {
  cancelled: 'somebody has taken it back',
  expired: 'its time is over',
  done: 'a device has come in with it, and each is good for one',
};

/** @throws Failure where the device does not come in */
function answerOf(step: EnrolmentStep): EnrolmentAnswer {
  switch (step.kind) {
    case 'answered':
      return { state: 'enrolled', enrolmentId: step.id, sealed: step.sealed };
    case 'waiting':
    case 'welcome':
      return { state: 'waiting', enrolmentId: step.id, againInMs: AGAIN_MS };
    case 'unknown':
      throw refusal(
        'unknown-token',
        'This token is not known here.',
        'Look whether it was copied whole, and whether the address is that of the control plane that made it.',
      );
    case 'other-key':
      throw refusal(
        'other-key',
        'Another device has used this token already.',
        'Make a new token. If no other device should have it, cancel the enrolment, and revoke the agent that came in with it.',
      );
    case 'over':
      throw step.state === 'refused'
        ? refusal('refused', 'Somebody has refused this device.', 'Ask whoever runs the control plane.')
        : refusal(
            'over',
            `This token is not good any more: ${WHY_OVER[step.state]}.`,
            'Make a new one, and use it within the time that is shown with it.',
          );
  }
}

const refusal = (word: string, message: string, hint: string) =>
  new Failure({ code: `enrolment.${word}`, message, hint, retry: 'never' });

const notOnline = (name: string) =>
  new Failure({
    code: 'agent.offline',
    message: `The agent ${name} is not connected, so it cannot be handed a credential now.`,
    hint: 'Try again when it is online. If its credential may be in foreign hands, revoke it and enrol the device anew.',
    retry: 'later',
  });
