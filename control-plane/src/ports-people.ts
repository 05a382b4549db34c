/** The hallway's page on people: who they are, what they may, what was changed by whom, and what strangers are shown. */
import type {
  AuditEntry,
  AuditQuery,
  LoginId,
  Scope,
  SessionView,
  ShareChange,
  ShareId,
  ShareInput,
  ShareView,
  SiteId,
  SiteRole,
  TimelapseId,
  TokenId,
  TokenView,
  UserChange,
  UserId,
  UserView,
  VideoId,
} from '@slowlight/protocol';
import type { Page, PageRequest } from './ports.ts';

/** A page of what somebody may see. */
export interface SeenPage extends PageRequest {
  /** Only what belongs to these sites; nothing: to any, or to none. */
  sites?: readonly SiteId[] | undefined;
}

/** A user with what opens the door; it never leaves the http room. */
export interface UserKeys extends UserView {
  /** null: there is no password. */
  passwordHash: string | null;
  /** base32; null: no second factor. */
  secondFactor: string | null;
}

export interface NewUser {
  name: string;
  role: UserView['role'];
  sites?: readonly SiteRole[];
  /** null: only the identity provider lets this one in. */
  passwordHash: string | null;
  mustChangePassword: boolean;
  /** Issuer and subject, as one text. */
  openId?: string;
}

/** Only hashes of the secrets of sessions, tokens and shares are stored: SHA-256, lower-case hex. */
export interface PeopleRecords {
  userCount(): Promise<number>;
  users(page: PageRequest): Promise<Page<UserView>>;
  user(id: UserId): Promise<UserView | null>;
  userByName(name: string): Promise<UserKeys | null>;
  userByOpenId(openId: string): Promise<UserView | null>;
  /** @throws Failure `user.exists` | `site.not-found` */
  createUser(user: NewUser): Promise<UserView>;
  /**
   * Only what is given changes. Another role, other sites or being switched off end all sessions of the user.
   * @throws Failure `user.exists` | `user.last-admin` | `site.not-found`
   */
  changeUser(id: UserId, change: UserChange): Promise<UserView | null>;
  /** @throws Failure `user.last-admin` */
  deleteUser(id: UserId): Promise<boolean>;
  /** Ends all sessions of the user. @param mustChange whether it counts only until the first login with it */
  changePassword(id: UserId, passwordHash: string, mustChange?: boolean): Promise<void>;
  /** The same password under another hash. */
  rehashPassword(id: UserId, from: string, to: string): Promise<void>;
  /** False: this user is known under another one already. */
  linkOpenId(id: UserId, openId: string): Promise<boolean>;
  /** False: there is a confirmed one already. */
  offerSecondFactor(id: UserId, secret: string): Promise<boolean>;
  /** What was offered and is not confirmed; null: nothing. */
  offeredSecondFactor(id: UserId): Promise<string | null>;
  /** What was offered counts from now on. @param step the time step of the code that proved it */
  confirmSecondFactor(
    id: UserId,
    proof: { secret: string; step: number; recoveryHashes: readonly string[] },
  ): Promise<boolean>;
  removeSecondFactor(id: UserId): Promise<boolean>;
  /** False: a code of this step, or of a later one, was used before. */
  takeStep(id: UserId, step: number): Promise<boolean>;
  /** False: there is no such code, or it was used. */
  takeRecoveryCode(id: UserId, hash: string): Promise<boolean>;
  createSession(session: {
    secretHash: string;
    userId: UserId;
    expiresAt: number;
    address?: string | null;
    browser?: string | null;
  }): Promise<void>;
  /** Also notes when it was used, at most once a minute. Nobody who is switched off. */
  sessionUser(secretHash: string): Promise<UserView | null>;
  /** A session that is used rolls on: it now ends at `expiresAt`. One that is gone stays gone. */
  extendSession(secretHash: string, expiresAt: number): Promise<void>;
  deleteSession(secretHash: string): Promise<void>;
  deleteSessionsOf(user: UserId): Promise<void>;
  /** Newest first. @param current the hash of the one that asks */
  sessionsOf(user: UserId, current: string | null): Promise<SessionView[]>;
  deleteSessionOf(user: UserId, id: LoginId): Promise<boolean>;
  tokens(): Promise<TokenView[]>;
  createToken(token: {
    name: string;
    role: TokenView['role'];
    scopes?: readonly Scope[];
    sites?: readonly SiteId[] | null;
    expiresAt: number | null;
    secretHash: string;
  }): Promise<TokenView>;
  /** Also notes when it was used, at most once a minute. */
  tokenBySecret(secretHash: string): Promise<TokenView | null>;
  deleteToken(id: TokenId): Promise<boolean>;
}

/** What may belong to a site. */
export type PlacedKind =
  | 'site'
  | 'agent'
  | 'camera'
  | 'timelapse'
  | 'frame'
  | 'video'
  | 'command'
  | 'share'
  | 'enrolment'
  | 'alarm';

export interface WhereRecords {
  /** null: there is no such thing. */
  siteOf(kind: PlacedKind, id: string): Promise<SiteId | null>;
}

export type NewAuditEntry = Pick<AuditEntry, 'actor' | 'address' | 'action' | 'subject' | 'siteId'>;
export type AuditEnd = Pick<AuditEntry, 'result' | 'code' | 'before' | 'after'> & { subject?: string | null };

/** What was changed, by whom. */
export interface AuditRecords {
  /** Committed before what it tells of is begun, so that nothing is done without an entry. Gives its id. */
  auditBegin(entry: NewAuditEntry): Promise<number>;
  auditEnd(id: number, end: AuditEnd): Promise<void>;
  /** Newest first. */
  auditEntries(query: AuditQuery): Promise<Page<AuditEntry>>;
  /** Entries from before a moment go. Gives how many. */
  forgetAudit(before: number): Promise<number>;
}

export interface ShareRecords {
  /** Newest first. */
  shares(
    page: SeenPage & { timelapseId?: TimelapseId | undefined; videoId?: VideoId | undefined },
  ): Promise<Page<ShareView>>;
  share(id: ShareId): Promise<ShareView | null>;
  /** @throws Failure `timelapse.not-found` | `video.not-found` */
  createShare(input: ShareInput & { secretHash: string; createdBy: UserId | null }): Promise<ShareView>;
  changeShare(id: ShareId, change: ShareChange): Promise<ShareView | null>;
  /** From now on it opens nothing; null: there is none. */
  revokeShare(id: ShareId): Promise<ShareView | null>;
  /** Neither one that is over nor one that was revoked. */
  shareBySecret(secretHash: string): Promise<ShareView | null>;
  shareViewed(id: ShareId): Promise<void>;
  /** When the newest frame of a film was due; null: it has none. */
  filmNewestAt(id: VideoId): Promise<number | null>;
}
