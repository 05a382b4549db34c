// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** People, oldest first */
export const getUsers = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.userView>)[]; next: string | null }> =>
  call('GET', '/api/users', asked);

/** Let somebody in; a password that is made up is shown in this answer and never again */
export const postUsers = (asked: { body: In<typeof p.userInput> } & Asked): Promise<Out<typeof p.userCreated>> =>
  call('POST', '/api/users', asked);

/** Somebody */
export const getUsersById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.userView>> =>
  call('GET', `/api/users/${encodeURIComponent(id)}`, asked);

/** Change name, role, sites, or switch somebody off; what they may do changes, so their sessions end */
export const patchUsersById = ({ id, ...asked }: { id: string; body: In<typeof p.userChange> } & Asked): Promise<Out<typeof p.userView>> =>
  call('PATCH', `/api/users/${encodeURIComponent(id)}`, asked);

/** Let somebody in no more, and forget them */
export const deleteUsersById = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/users/${encodeURIComponent(id)}`, asked);

/** Give somebody a new password, which must be changed; it is shown in this answer and never again */
export const postUsersByIdPassword = ({ id, ...asked }: { id: string } & Asked): Promise<{ password: string }> =>
  call('POST', `/api/users/${encodeURIComponent(id)}/password`, asked);

/** Let somebody who has lost the second factor log in without it */
export const deleteUsersByIdSecondFactor = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/users/${encodeURIComponent(id)}/second-factor`, asked);

/** Where somebody is logged in, newest first */
export const getUsersByIdSessions = ({ id, ...asked }: { id: string } & Asked): Promise<{ items: (Out<typeof p.sessionView>)[]; next: null }> =>
  call('GET', `/api/users/${encodeURIComponent(id)}/sessions`, asked);

/** Log somebody out everywhere */
export const deleteUsersByIdSessions = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/users/${encodeURIComponent(id)}/sessions`, asked);

/** Who changed what, newest first */
export const getAudit = (asked: { query?: { from?: number | null | undefined; to?: number | null | undefined; actor?: string | null | undefined; actorKind?: In<typeof p.actorKind> | null | undefined; action?: string | null | undefined; subject?: string | null | undefined; siteId?: string | null | undefined; after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.auditEntry>)[]; next: string | null }> =>
  call('GET', '/api/audit', asked);
