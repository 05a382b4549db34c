// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Agents */
export const getAgents = (asked: { query?: { after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.agentView>)[]; next: string | null }> =>
  call('GET', '/api/agents', asked);

/** Make an agent; its secret is shown in this answer and never again */
export const postAgents = (asked: { body: In<typeof p.agentInput> } & Asked): Promise<Out<typeof p.agentCreated>> =>
  call('POST', '/api/agents', asked);

/** An agent */
export const getAgentsById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.agentView>> =>
  call('GET', `/api/agents/${encodeURIComponent(id)}`, asked);

/** Rename an agent, or limit what it may deliver and when */
export const patchAgentsById = ({ id, ...asked }: { id: string; body: In<typeof p.agentChange> } & Asked): Promise<Out<typeof p.agentView>> =>
  call('PATCH', `/api/agents/${encodeURIComponent(id)}`, asked);

/** What a device says that becomes an agent: its one-time token and its public key */
export const postEnrol = (asked: { body: In<typeof p.enrolmentRequest> } & Asked): Promise<Out<typeof p.enrolmentAnswer>> =>
  call('POST', '/api/enrol', asked);

/** A one-time token for a new agent, or for new hardware of one; shown in this answer and never again */
export const postEnrolments = (asked: { body: In<typeof p.enrolmentInput> } & Asked): Promise<Out<typeof p.enrolmentCreated>> =>
  call('POST', '/api/enrolments', asked);

/** Enrolments of late, newest first */
export const getEnrolments = (asked: Asked = {}): Promise<{ items: (Out<typeof p.enrolmentView>)[]; next: null }> =>
  call('GET', '/api/enrolments', asked);

/** Let the device in that waits */
export const postEnrolmentsByIdAccept = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.enrolmentView>> =>
  call('POST', `/api/enrolments/${encodeURIComponent(id)}/accept`, asked);

/** Send the device away that waits */
export const postEnrolmentsByIdRefuse = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.enrolmentView>> =>
  call('POST', `/api/enrolments/${encodeURIComponent(id)}/refuse`, asked);

/** Take the token back */
export const postEnrolmentsByIdCancel = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.enrolmentView>> =>
  call('POST', `/api/enrolments/${encodeURIComponent(id)}/cancel`, asked);

/** Nobody comes in under this agent’s name any more, until it is enrolled anew; its frames stay */
export const postAgentsByIdRevoke = ({ id, ...asked }: { id: string; body: In<typeof p.revokeInput> } & Asked): Promise<void> =>
  call('POST', `/api/agents/${encodeURIComponent(id)}/revoke`, asked);

/** With what an agent comes in; never the secrets */
export const getAgentsByIdCredentials = ({ id, ...asked }: { id: string } & Asked): Promise<{ items: (Out<typeof p.credentialView>)[]; next: null }> =>
  call('GET', `/api/agents/${encodeURIComponent(id)}/credentials`, asked);

/** Hand an agent that is online another credential; the one before is good until it is used */
export const postAgentsByIdCredentials = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.credentialView>> =>
  call('POST', `/api/agents/${encodeURIComponent(id)}/credentials`, asked);

/** Somebody has looked at it: no two devices work under this identity any more */
export const deleteAgentsByIdCloneSuspicion = ({ id, ...asked }: { id: string } & Asked): Promise<void> =>
  call('DELETE', `/api/agents/${encodeURIComponent(id)}/clone-suspicion`, asked);

/** The agent will never come back: it may not log in any more, its timelapses are completed, and what it has not reported is lost. There is no way back */
export const postAgentsByIdRetire = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.agentView>> =>
  call('POST', `/api/agents/${encodeURIComponent(id)}/retire`, asked);
