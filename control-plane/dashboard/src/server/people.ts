/** What the pages ask about people and links for strangers. */
import type { SessionView, ShareInput, ShareView, TimelapseId, VideoId } from '@slowlight/protocol';
import { queryOptions } from '@tanstack/react-query';
import {
  deleteSessionAllBySession,
  deleteSessionSecondFactor,
  getSessionAll,
  getSessionWays,
  postSession,
  postSessionSecondFactor,
  postSessionSecondFactorConfirm,
} from './api/session.ts';
import { deleteSharesById, getShareByToken, getShareByTokenFrames, getShares, postShares } from './api/shares.ts';

export type Shown = { timelapseId: TimelapseId } | { videoId: VideoId };

export const peopleKeys = { sessions: ['own-sessions'], shares: ['shares'], ways: ['login-ways'] } as const;

export const peopleQueries = {
  ways: queryOptions({
    queryKey: peopleKeys.ways,
    queryFn: ({ signal }) => getSessionWays({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  }),
  sessions: queryOptions({
    queryKey: peopleKeys.sessions,
    queryFn: ({ signal }) => getSessionAll({ signal }),
  }),
  shares: (shown: Shown) =>
    queryOptions({
      queryKey: [...peopleKeys.shares, shown],
      queryFn: ({ signal }) => getShares({ query: { ...shown, limit: 100 }, signal }),
    }),
  shared: (token: string) =>
    queryOptions({
      queryKey: ['shared', token],
      queryFn: ({ signal }) => getShareByToken({ token, signal }),
      refetchInterval: 60_000,
    }),
  sharedFrames: (token: string, limit: number) =>
    queryOptions({
      queryKey: ['shared-frames', token, limit],
      queryFn: ({ signal }) => getShareByTokenFrames({ token, query: { limit }, signal }),
      refetchInterval: 60_000,
    }),
};

export const peopleActions = {
  logIn: (input: { name: string; password: string; code?: string }) => postSession({ body: input }),
  endSession: (id: SessionView['id']) => deleteSessionAllBySession({ session: id }),
  beginFactor: (password: string) => postSessionSecondFactor({ body: { password } }),
  confirmFactor: (code: string) => postSessionSecondFactorConfirm({ body: { code } }),
  removeFactor: (password: string) => deleteSessionSecondFactor({ body: { password } }),
  share: (input: Partial<ShareInput> & { name: string }) => postShares({ body: input }),
  withdraw: (id: ShareView['id']) => deleteSharesById({ id }),
};
