/** The hallway's page on how agents come in: what the records keep of tokens and credentials. */
import type {
  AgentId,
  CredentialId,
  CredentialView,
  EnrolmentId,
  EnrolmentInput,
  EnrolmentRequest,
  EnrolmentView,
  SiteId,
} from '@slowlight/protocol';

/** A credential as it is made, before its hashes are stored; the secret itself is never. */
export interface NewCredential {
  id: CredentialId;
  /** SHA-256, lower-case hex. */
  secretHash: string;
  /** As a broker of a larger house keeps it. */
  brokerHash: string | null;
}

/** What the records say to a device that shows a token. */
export type EnrolmentStep =
  | { kind: 'unknown' }
  | { kind: 'over'; state: 'refused' | 'cancelled' | 'expired' | 'done' }
  /** Another device has shown it first. */
  | { kind: 'other-key' }
  | { kind: 'waiting'; id: EnrolmentId }
  /** It has been answered before: the same answer. */
  | { kind: 'answered'; id: EnrolmentId; sealed: string }
  /** It may be given its login now: `fetchEnrolment` does. */
  | { kind: 'welcome'; id: EnrolmentId };

export interface EnrolmentRecords {
  /** @throws Failure `site.not-found` | `agent.not-found` */
  createEnrolment(input: EnrolmentInput, token: { hash: string; expiresAt: number }): Promise<EnrolmentView>;
  /** Newest first; those that are over are shown for a day. @param sites only of these; nothing: of all */
  enrolments(sites?: readonly SiteId[]): Promise<EnrolmentView[]>;
  /** Waiting → accepted or refused; open or waiting → cancelled. @throws Failure `enrolment.finished`; null: there is none */
  moveEnrolment(id: EnrolmentId, to: 'accepted' | 'refused' | 'cancelled'): Promise<EnrolmentView | null>;
  /** The first device that shows a token has it for itself. `waitsUntil`: how long it may wait to be accepted, wall time in ms. */
  showToken(
    tokenHash: string,
    device: Pick<EnrolmentRequest, 'publicKey' | 'device'> & { address: string; waitsUntil: number },
  ): Promise<EnrolmentStep>;
  /**
   * Makes the agent (or finds the one whose place is taken) and its credential, and keeps the answer that `compose` makes
   * of them. Where another request of the same device was quicker, its answer is given.
   */
  fetchEnrolment(
    id: EnrolmentId,
    credential: NewCredential,
    compose: (login: { agentId: AgentId; firstSeq: number }) => string,
  ): Promise<EnrolmentStep>;
  credentials(agent: AgentId): Promise<CredentialView[]>;
  /**
   * A further one, beside those that are good; a rotation that was not used is taken back.
   * @param how `ofAge`: nobody asked for it, the one before has had its days
   * @throws Failure `agent.not-found`
   */
  addCredential(agent: AgentId, credential: NewCredential, how?: { ofAge?: boolean }): Promise<CredentialView>;
  /** Agents that are online, have no unused credential, and came by their newest before this moment, wall time in ms. */
  agentsWithOldCredentials(before: number): Promise<AgentId[]>;
  /** Rotations from before this moment, wall time in ms, that were not used: the agents keep what they had. Gives whose. */
  takeBackRotations(before: number): Promise<AgentId[]>;
  /** No credential of the agent is good any more. False: there is no such agent. */
  revokeAgent(agent: AgentId, how: { giveUpSlots: boolean }): Promise<boolean>;
  /** Agents that nobody may speak for now: revoked or retired. */
  shutOutAgents(): Promise<AgentId[]>;
  /** Somebody has looked at it. False: there is no such agent. */
  clearClone(agent: AgentId): Promise<boolean>;
}
