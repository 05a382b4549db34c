/**
 * Makes this device an agent. A recipe: have a key pair; show the token; wait to be accepted; open the answer; write it down.
 *
 * Promise: the key is on the card before anybody hears of it, and the login before it is used; after a lost answer or a power
 * cut the same command goes on where it was, with the same key.
 * When it fails: nothing is left but the key, and the message says what to do.
 */
import { createHash } from 'node:crypto';
import {
  type AgentLoginGiven,
  agentLoginGiven,
  type EnrolmentAnswer,
  type EnrolmentRequest,
  enrolmentContext,
} from '@slowlight/protocol';
import { backoffMs, type Clock, Failure, type KeyPair, toFailure, unseal } from '@slowlight/protocol/kit';

export interface EnrollDeps {
  clock: Clock;
  /** The same one as before, where this device has begun before; durable when it resolves. */
  keys(): Promise<KeyPair>;
  /** @throws Failure; with retry `soon` it is asked again */
  ask(request: EnrolmentRequest): Promise<EnrolmentAnswer>;
  /** Durable when it resolves. */
  store(login: AgentLoginGiven, keys: KeyPair): Promise<void>;
  /** Something for the person who waits. */
  tell(words: string): void;
}

/** Tries in a row that may fail, when the line or the server does. */
const MOST_TRIES = 8;
const AGAIN = { firstMs: 1000, mostMs: 20_000 };

/** @throws Failure `enroll.*` | `enrolment.*` | what the deps throw; the signal's reason */
export async function enroll(
  deps: EnrollDeps,
  asked: Pick<EnrolmentRequest, 'token' | 'device'>,
  signal: AbortSignal,
): Promise<AgentLoginGiven> {
  const keys = await deps.keys();
  const request: EnrolmentRequest = { v: 1, publicKey: keys.publicKey, ...asked };
  let waits = false;
  for (;;) {
    const answer = await askPatiently(deps, request, signal);
    if (answer.state === 'enrolled') {
      const login = openAnswer(answer, keys);
      await deps.store(login, keys);
      return login;
    }
    if (!waits)
      deps.tell(
        `This device waits to be accepted in the control plane, as ${asked.device.name} with the key ${fingerprintOf(keys.publicKey)}.`,
      );
    waits = true;
    await deps.clock.sleep(answer.againInMs * (0.75 + Math.random() / 2), signal);
    signal.throwIfAborted();
  }
}

async function askPatiently(
  deps: EnrollDeps,
  request: EnrolmentRequest,
  signal: AbortSignal,
): Promise<EnrolmentAnswer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await deps.ask(request);
    } catch (thrown) {
      signal.throwIfAborted();
      const failure = toFailure(thrown);
      if (failure.retry !== 'soon' || tries === MOST_TRIES) throw failure;
      deps.tell(`${failure.message}; it is tried again`);
      await deps.clock.sleep(AGAIN.firstMs / 2 + backoffMs(tries, AGAIN), signal);
      signal.throwIfAborted();
    }
  }
}

function openAnswer({ enrolmentId, sealed }: Extract<EnrolmentAnswer, { state: 'enrolled' }>, keys: KeyPair) {
  try {
    return agentLoginGiven.parse(JSON.parse(unseal(sealed, keys.privateKey, enrolmentContext(enrolmentId))));
  } catch (cause) {
    throw new Failure({
      code: 'enroll.not-understood',
      message: 'the answer of the control plane cannot be opened with this device’s key',
      hint: 'Update the agent to the version of the control plane, and enrol it with a new token.',
      retry: 'never',
      cause,
    });
  }
}

/** As the control plane shows it to the person who accepts the device. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256')
    .update(publicKey, 'base64')
    .digest('hex')
    .slice(0, 16)
    .replace(/(.{4})(?=.)/g, '$1-');
