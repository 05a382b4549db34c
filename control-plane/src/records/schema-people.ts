/** The tables of who people are and of what they did; see `schema.ts`. */
import type {
  AuditEntry,
  actorKind,
  LoginId,
  Role,
  ShareId,
  SiteId,
  TimelapseId,
  TokenId,
  UserId,
  UserView,
  VideoId,
} from '@slowlight/protocol';
import type { Generated } from 'kysely';
import type { z } from 'zod';

export interface UsersTable {
  id: UserId;
  name: string;
  /** Lower case: names differ by more than case. */
  name_key: string;
  role: UserView['role'];
  /** Empty: there is no password. */
  password_hash: string;
  must_change_password: 0 | 1;
  created_at: number;
  enabled: Generated<0 | 1>;
  last_login_at: Generated<number | null>;
  /** Issuer and subject at the identity provider. */
  open_id: Generated<string | null>;
  /** base32: the one that counts, and the one that is offered. */
  totp_secret: Generated<string | null>;
  totp_offered: Generated<string | null>;
  /** The time step of the last code that was used. */
  totp_step: Generated<number | null>;
}

export interface UserSitesTable {
  user_id: UserId;
  site_id: SiteId;
  role: Role;
}

export interface RecoveryCodesTable {
  user_id: UserId;
  code_hash: string;
}

export interface SessionsTable {
  secret_hash: string;
  user_id: UserId;
  expires_at: number;
  id: LoginId;
  created_at: number;
  seen_at: number;
  address: string | null;
  browser: string | null;
}

export interface TokensTable {
  id: TokenId;
  name: string;
  role: Role;
  secret_hash: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  /** json; null: all that the role may. */
  scopes: Generated<string | null>;
  /** json; null: everywhere. */
  sites: Generated<string | null>;
}

export interface AuditTable {
  id: Generated<number>;
  at: number;
  actor_kind: z.infer<typeof actorKind>;
  actor_id: string | null;
  actor_name: string | null;
  address: string | null;
  action: string;
  subject: string | null;
  site_id: SiteId | null;
  result: AuditEntry['result'];
  code: string | null;
  /** json. */
  before: string | null;
  after: string | null;
}

export interface SharesTable {
  id: ShareId;
  secret_hash: string;
  name: string;
  timelapse_id: TimelapseId;
  video_id: VideoId | null;
  delay_ms: number;
  pictures: 0 | 1;
  /** json; null: every page. */
  embedded_by: string | null;
  created_at: number;
  created_by: UserId | null;
  expires_at: number | null;
  revoked_at: number | null;
  views: number;
  last_viewed_at: number | null;
}

export interface PeopleTables {
  users: UsersTable;
  user_sites: UserSitesTable;
  recovery_codes: RecoveryCodesTable;
  sessions: SessionsTable;
  tokens: TokensTable;
  audit: AuditTable;
  shares: SharesTable;
}
