/** What the pages of the system ask for, and what people do there. */
import type {
  ActorKind,
  AgentId,
  BulkInput,
  BulkView,
  FrameId,
  JobView,
  RetentionSettings,
  TimelapseId,
  UserChange,
  UserInput,
  UserView,
} from '@slowlight/protocol';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { getAgentsByIdCredentials } from './api/agents.ts';
import {
  postAgentsByIdDiscover,
  postAgentsByIdLogLevel,
  postAgentsByIdQuarantineRetry,
  postAgentsByIdReconcile,
} from './api/commands.ts';
import { getHealthReady } from './api/health.ts';
import {
  getBulkJobs,
  getJobs,
  getTimelapsesByIdBulkJobs,
  postBulkJobs,
  postBulkJobsByIdCancel,
  postTimelapsesByIdBulkJobsByBulkCancel,
} from './api/jobs.ts';
import {
  deleteUsersById,
  deleteUsersByIdSecondFactor,
  deleteUsersByIdSessions,
  getAudit,
  getUsers,
  patchUsersById,
  postUsers,
  postUsersByIdPassword,
} from './api/people.ts';
import { getRetention, getStocktake, postRetentionPreview, postStocktake, putRetention } from './api/retention.ts';
import { getStorage } from './api/system.ts';
import { keys } from './queries.ts';

const SOON_MS = 10_000;

export interface AuditFilter {
  actorKind?: ActorKind;
  from?: number;
  to?: number;
  actor?: string;
  action?: string;
  subject?: string;
}

export const houseKeys = {
  bulk: [...keys.jobs, 'bulk'] as const,
  retention: ['retention'] as const,
  stocktake: ['stocktake'] as const,
  users: ['users'] as const,
  credentials: (id: AgentId) => [...keys.agents, id, 'credentials'] as const,
};

export const houseQueries = {
  health: queryOptions({
    queryKey: ['health'],
    queryFn: ({ signal }) => getHealthReady({ signal, answersToo: 503 }),
    refetchInterval: SOON_MS,
  }),
  storage: queryOptions({
    queryKey: ['storage'],
    queryFn: ({ signal }) => getStorage({ signal }),
    refetchInterval: 60_000,
  }),
  jobs: (state: JobView['state']) =>
    infiniteQueryOptions({
      queryKey: [...keys.jobs, 'pages', state],
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) => getJobs({ query: { state, limit: 50, after: pageParam }, signal }),
      getNextPageParam: (page) => page.next,
      refetchInterval: SOON_MS,
    }),
  bulk: queryOptions({
    queryKey: houseKeys.bulk,
    queryFn: ({ signal }) => getBulkJobs({ query: { limit: 20 }, signal }),
    select: ({ items }) => items,
  }),
  bulkOf: (timelapseId: TimelapseId) =>
    queryOptions({
      queryKey: [...houseKeys.bulk, timelapseId],
      queryFn: ({ signal }) => getTimelapsesByIdBulkJobs({ id: timelapseId, query: { limit: 5 }, signal }),
      select: ({ items }) => items,
    }),
  retention: queryOptions({
    queryKey: houseKeys.retention,
    queryFn: ({ signal }) => getRetention({ signal }),
  }),
  stocktake: queryOptions({
    queryKey: houseKeys.stocktake,
    queryFn: ({ signal }) => getStocktake({ signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1000 : 60_000),
  }),
  users: queryOptions({
    queryKey: houseKeys.users,
    queryFn: ({ signal }) => getUsers({ query: { limit: 200 }, signal }),
    select: ({ items }) => items,
  }),
  credentials: (id: AgentId) =>
    queryOptions({
      queryKey: houseKeys.credentials(id),
      queryFn: ({ signal }) => getAgentsByIdCredentials({ id, signal }),
      select: ({ items }) => items,
    }),
  audit: (filter: AuditFilter) =>
    infiniteQueryOptions({
      queryKey: ['audit', filter],
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) => getAudit({ query: { ...filter, limit: 50, after: pageParam }, signal }),
      getNextPageParam: (page) => page.next,
    }),
};

export const houseActions = {
  reconcile: (id: AgentId) => postAgentsByIdReconcile({ id }),
  retryFrames: ({ id, frameIds }: { id: AgentId; frameIds: readonly FrameId[] }) =>
    postAgentsByIdQuarantineRetry({ id, body: { frameIds: [...frameIds] } }),
  setLogLevel: ({ id, ...input }: { id: AgentId; level: 'debug' | 'info' | 'warn' | 'error'; minutes: number }) =>
    postAgentsByIdLogLevel({ id, body: input }),
  /** With a login, cameras are asked which streams they have. */
  discover: ({ id, username, password }: { id: AgentId; username: string; password: string }) =>
    postAgentsByIdDiscover({ id, body: username === '' ? {} : { username, password } }),
  startBulk: (input: BulkInput) => postBulkJobs({ body: input }),
  /** By the way that is about its timelapse where there is one: who may operate there, may stop it. */
  cancelBulk: ({ id, timelapseId }: Pick<BulkView, 'id' | 'timelapseId'>) =>
    timelapseId === null
      ? postBulkJobsByIdCancel({ id })
      : postTimelapsesByIdBulkJobsByBulkCancel({ id: timelapseId, bulk: id }),
  previewRetention: (settings: RetentionSettings) => postRetentionPreview({ body: settings }),
  setRetention: (settings: RetentionSettings) => putRetention({ body: settings }),
  stocktake: (repair: boolean) => postStocktake({ body: { repair } }),
  addUser: (input: Pick<UserInput, 'name' | 'role' | 'sites'>) => postUsers({ body: input }),
  changeUser: ({ id, change }: { id: UserView['id']; change: UserChange }) => patchUsersById({ id, body: change }),
  removeUser: (id: UserView['id']) => deleteUsersById({ id }),
  resetPassword: (id: UserView['id']) => postUsersByIdPassword({ id }),
  removeFactor: (id: UserView['id']) => deleteUsersByIdSecondFactor({ id }),
  logOutUser: (id: UserView['id']) => deleteUsersByIdSessions({ id }),
};
