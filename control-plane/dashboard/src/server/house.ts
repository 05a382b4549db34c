/** What the pages of the system ask for, and what people do there. */
import type {
  ActorKind,
  AgentId,
  AuditEntry,
  BulkInput,
  BulkView,
  CommandView,
  CredentialView,
  FrameId,
  JobView,
  RetentionPreview,
  RetentionSettings,
  StocktakeReport,
  StorageView,
  TimelapseId,
  UserChange,
  UserInput,
  UserView,
} from '@slowlight/protocol';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { keys, type PageOf } from './queries.ts';
import { request, withQuery } from './request.ts';

const post = <Answer>(path: string, body?: unknown) => request<Answer>(path, { method: 'POST', body });
const remove = (path: string) => request<void>(path, { method: 'DELETE' });
const SOON_MS = 10_000;

export interface AuditFilter {
  actorKind?: ActorKind;
  from?: number;
  to?: number;
  actor?: string;
  action?: string;
  subject?: string;
}
interface Health {
  ready: boolean;
  parts: { part: string; ready: boolean; detail: string }[];
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
    queryFn: ({ signal }) => request<Health>('/health/ready', { signal, answersToo: 503 }),
    refetchInterval: SOON_MS,
  }),
  storage: queryOptions({
    queryKey: ['storage'],
    queryFn: ({ signal }) => request<StorageView>('/api/storage', { signal }),
    refetchInterval: 60_000,
  }),
  jobs: (state: JobView['state']) =>
    infiniteQueryOptions({
      queryKey: [...keys.jobs, 'pages', state],
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) =>
        request<PageOf<JobView>>(withQuery('/api/jobs', { state, limit: 50, after: pageParam }), { signal }),
      getNextPageParam: (page) => page.next,
      refetchInterval: SOON_MS,
    }),
  bulk: queryOptions({
    queryKey: houseKeys.bulk,
    queryFn: ({ signal }) => request<PageOf<BulkView>>('/api/bulk-jobs?limit=20', { signal }),
    select: ({ items }) => items,
  }),
  bulkOf: (timelapseId: TimelapseId) =>
    queryOptions({
      queryKey: [...houseKeys.bulk, timelapseId],
      queryFn: ({ signal }) =>
        request<PageOf<BulkView>>(`/api/timelapses/${timelapseId}/bulk-jobs?limit=5`, { signal }),
      select: ({ items }) => items,
    }),
  retention: queryOptions({
    queryKey: houseKeys.retention,
    queryFn: ({ signal }) => request<RetentionSettings>('/api/retention', { signal }),
  }),
  stocktake: queryOptions({
    queryKey: houseKeys.stocktake,
    queryFn: ({ signal }) => request<StocktakeReport | null>('/api/stocktake', { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'running' ? 1000 : 60_000),
  }),
  users: queryOptions({
    queryKey: houseKeys.users,
    queryFn: ({ signal }) => request<PageOf<UserView>>('/api/users?limit=200', { signal }),
    select: ({ items }) => items,
  }),
  credentials: (id: AgentId) =>
    queryOptions({
      queryKey: houseKeys.credentials(id),
      queryFn: ({ signal }) => request<PageOf<CredentialView>>(`/api/agents/${id}/credentials`, { signal }),
      select: ({ items }) => items,
    }),
  audit: (filter: AuditFilter) =>
    infiniteQueryOptions({
      queryKey: ['audit', filter],
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) =>
        request<PageOf<AuditEntry>>(withQuery('/api/audit', { ...filter, limit: 50, after: pageParam }), { signal }),
      getNextPageParam: (page) => page.next,
    }),
};

export const houseActions = {
  reconcile: (id: AgentId) => post<CommandView>(`/api/agents/${id}/reconcile`),
  retryFrames: ({ id, frameIds }: { id: AgentId; frameIds: readonly FrameId[] }) =>
    post<CommandView>(`/api/agents/${id}/quarantine/retry`, { frameIds }),
  setLogLevel: ({ id, ...input }: { id: AgentId; level: 'debug' | 'info' | 'warn' | 'error'; minutes: number }) =>
    post<CommandView>(`/api/agents/${id}/log-level`, input),
  /** With a login, cameras are asked which streams they have. */
  discover: ({ id, username, password }: { id: AgentId; username: string; password: string }) =>
    post<CommandView>(`/api/agents/${id}/discover`, username === '' ? {} : { username, password }),
  startBulk: (input: BulkInput) => post<BulkView>('/api/bulk-jobs', input),
  /** By the way that is about its timelapse where there is one: who may operate there, may stop it. */
  cancelBulk: ({ id, timelapseId }: Pick<BulkView, 'id' | 'timelapseId'>) =>
    post<BulkView>(
      timelapseId === null ? `/api/bulk-jobs/${id}/cancel` : `/api/timelapses/${timelapseId}/bulk-jobs/${id}/cancel`,
    ),
  previewRetention: (settings: RetentionSettings) => post<RetentionPreview>('/api/retention/preview', settings),
  setRetention: (settings: RetentionSettings) =>
    request<RetentionSettings>('/api/retention', { method: 'PUT', body: settings }),
  stocktake: (repair: boolean) => post<StocktakeReport>('/api/stocktake', { repair }),
  addUser: (input: Pick<UserInput, 'name' | 'role' | 'sites'>) =>
    post<{ user: UserView; password: string | null }>('/api/users', input),
  changeUser: ({ id, change }: { id: UserView['id']; change: UserChange }) =>
    request<UserView>(`/api/users/${id}`, { method: 'PATCH', body: change }),
  removeUser: (id: UserView['id']) => remove(`/api/users/${id}`),
  resetPassword: (id: UserView['id']) => post<{ password: string }>(`/api/users/${id}/password`),
  removeFactor: (id: UserView['id']) => remove(`/api/users/${id}/second-factor`),
  logOutUser: (id: UserView['id']) => remove(`/api/users/${id}/sessions`),
};
