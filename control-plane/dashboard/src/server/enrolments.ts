/** How agents come in, as the pages ask for it and do it. */
import type { AgentId, EnrolmentId, SiteId } from '@slowlight/protocol';
import { queryOptions } from '@tanstack/react-query';
import {
  deleteAgentsByIdCloneSuspicion,
  getEnrolments,
  postAgentsByIdCredentials,
  postAgentsByIdRevoke,
  postEnrolments,
  postEnrolmentsByIdAccept,
  postEnrolmentsByIdCancel,
  postEnrolmentsByIdRefuse,
} from './api/agents.ts';

export const enrolmentKeys = { all: ['enrolments'] as const };
export const enrolmentQueries = {
  /** Of late, newest first. */
  all: queryOptions({
    queryKey: enrolmentKeys.all,
    queryFn: async ({ signal }) => (await getEnrolments({ signal })).items,
    refetchInterval: 60_000,
  }),
};

export const enrolmentActions = {
  create: (input: ({ siteId: SiteId; name: string } | { replaces: AgentId }) & { needsAcceptance: boolean }) =>
    postEnrolments({ body: input }),
  accept: (id: EnrolmentId) => postEnrolmentsByIdAccept({ id }),
  refuse: (id: EnrolmentId) => postEnrolmentsByIdRefuse({ id }),
  cancel: (id: EnrolmentId) => postEnrolmentsByIdCancel({ id }),
  revoke: ({ id, giveUpSlots }: { id: AgentId; giveUpSlots: boolean }) =>
    postAgentsByIdRevoke({ id, body: { giveUpSlots } }),
  rotate: (id: AgentId) => postAgentsByIdCredentials({ id }),
  clearClone: (id: AgentId) => deleteAgentsByIdCloneSuspicion({ id }),
};
