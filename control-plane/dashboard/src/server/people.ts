/** What the pages ask about people and links for strangers. */
import type {
  LoginWays,
  SessionView,
  SharedFrame,
  SharedView,
  ShareInput,
  ShareView,
  TimelapseId,
  UserView,
  VideoId,
} from '@slowlight/protocol';
import { queryOptions } from '@tanstack/react-query';
import { request, withQuery } from './request.ts';

interface List<Item> {
  items: Item[];
  next: string | null;
}
export type Shown = { timelapseId: TimelapseId } | { videoId: VideoId };

export const peopleKeys = { sessions: ['own-sessions'], shares: ['shares'], ways: ['login-ways'] } as const;

export const peopleQueries = {
  ways: queryOptions({
    queryKey: peopleKeys.ways,
    queryFn: ({ signal }) => request<LoginWays>('/api/session/ways', { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  }),
  sessions: queryOptions({
    queryKey: peopleKeys.sessions,
    queryFn: ({ signal }) => request<List<SessionView>>('/api/session/all', { signal }),
  }),
  shares: (shown: Shown) =>
    queryOptions({
      queryKey: [...peopleKeys.shares, shown],
      queryFn: ({ signal }) => request<List<ShareView>>(withQuery('/api/shares', { ...shown, limit: 100 }), { signal }),
    }),
  shared: (token: string) =>
    queryOptions({
      queryKey: ['shared', token],
      queryFn: ({ signal }) => request<SharedView>(`/api/share/${token}`, { signal }),
      refetchInterval: 60_000,
    }),
  sharedFrames: (token: string, limit: number) =>
    queryOptions({
      queryKey: ['shared-frames', token, limit],
      queryFn: ({ signal }) =>
        request<List<SharedFrame>>(withQuery(`/api/share/${token}/frames`, { limit }), { signal }),
      refetchInterval: 60_000,
    }),
};

const post = <Answer>(path: string, body?: unknown) => request<Answer>(path, { method: 'POST', body });
export const peopleActions = {
  logIn: (input: { name: string; password: string; code?: string }) => post<UserView>('/api/session', input),
  endSession: (id: SessionView['id']) => request<void>(`/api/session/all/${id}`, { method: 'DELETE' }),
  beginFactor: (password: string) => post<{ secret: string; uri: string }>('/api/session/second-factor', { password }),
  confirmFactor: (code: string) => post<{ recoveryCodes: string[] }>('/api/session/second-factor/confirm', { code }),
  removeFactor: (password: string) =>
    request<void>('/api/session/second-factor', { method: 'DELETE', body: { password } }),
  share: (input: Partial<ShareInput> & { name: string }) =>
    post<{ share: ShareView; token: string; path: string }>('/api/shares', input),
  withdraw: (id: ShareView['id']) => request<ShareView>(`/api/shares/${id}`, { method: 'DELETE' }),
};
