import type { AgentId, BootId, CredentialId, CredentialView, EnrolmentId, SiteId } from '@slowlight/protocol';
import type { Generated } from 'kysely';

/** What is known of who works under an agent's name. */
export interface AgentIdentityColumns {
  /** From then on nobody comes in under its name, until it is enrolled anew. */
  revoked_at: number | null;
  clone_suspected_at: number | null;
  clone_reason: 'two-boots' | 'conflict' | null;
  /** json: `BootId[]`, the last ones, newest first. */
  boots: Generated<string>;
}
export type PastBoots = readonly BootId[];

export interface CameraSecretColumns {
  /** 1: the password was sealed to a key that the agent has no more. */
  password_stale: Generated<0 | 1>;
}

export interface AgentCredentialsTable {
  id: CredentialId;
  agent_id: AgentId;
  /** SHA-256 of the secret, lower-case hex. */
  secret_hash: string;
  /** The same as a broker of a larger house keeps it; null: it was made before there was one. */
  broker_hash: string | null;
  made_by: CredentialView['madeBy'];
  made_at: number;
  /** The agent has come in with it. */
  used_at: number | null;
  revoked_at: number | null;
  /** Of a replacement: the first number that the new device's events have. */
  first_seq: number | null;
}

export interface EnrolmentsTable {
  id: EnrolmentId;
  /** SHA-256 of the token, lower-case hex. */
  token_hash: string;
  site_id: SiteId;
  name: string;
  replaces: AgentId | null;
  needs_acceptance: 0 | 1;
  state: 'open' | 'waiting' | 'accepted' | 'fetched' | 'done' | 'refused' | 'cancelled';
  created_at: number;
  expires_at: number;
  /** Of the first device that showed the token: nobody else gets in with it. */
  public_key: string | null;
  /** json: what the device says of itself, and its address. */
  device: string | null;
  agent_id: AgentId | null;
  credential_id: CredentialId | null;
  /** The answer, sealed to the device's key: given again word for word, until it has come in. */
  answer: string | null;
}

export interface EnrolmentTables {
  agent_credentials: AgentCredentialsTable;
  enrolments: EnrolmentsTable;
}
