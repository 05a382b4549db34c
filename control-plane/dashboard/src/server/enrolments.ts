/** How agents come in, as the pages ask for it and do it. */
import type {
  AgentId,
  CredentialView,
  EnrolmentCreated,
  EnrolmentId,
  EnrolmentView,
  SiteId,
} from '@slowlight/protocol';
import { queryOptions } from '@tanstack/react-query';
import { request } from './request.ts';

const post = <Answer>(path: string, body?: unknown) => request<Answer>(path, { method: 'POST', body });

export const enrolmentKeys = { all: ['enrolments'] as const };
export const enrolmentQueries = {
  /** Of late, newest first. */
  all: queryOptions({
    queryKey: enrolmentKeys.all,
    queryFn: async ({ signal }) => (await request<{ items: EnrolmentView[] }>('/api/enrolments', { signal })).items,
    refetchInterval: 60_000,
  }),
};

export const enrolmentActions = {
  create: (input: ({ siteId: SiteId; name: string } | { replaces: AgentId }) & { needsAcceptance: boolean }) =>
    post<EnrolmentCreated>('/api/enrolments', input),
  accept: (id: EnrolmentId) => post<EnrolmentView>(`/api/enrolments/${id}/accept`),
  refuse: (id: EnrolmentId) => post<EnrolmentView>(`/api/enrolments/${id}/refuse`),
  cancel: (id: EnrolmentId) => post<EnrolmentView>(`/api/enrolments/${id}/cancel`),
  revoke: ({ id, giveUpSlots }: { id: AgentId; giveUpSlots: boolean }) =>
    post<void>(`/api/agents/${id}/revoke`, { giveUpSlots }),
  rotate: (id: AgentId) => post<CredentialView>(`/api/agents/${id}/credentials`),
  clearClone: (id: AgentId) => request<void>(`/api/agents/${id}/clone-suspicion`, { method: 'DELETE' }),
};
