// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** Alarms, newest first; without `state` those that are open */
export const getAlarms = (asked: { query?: { state?: "open" | "cleared" | "all" | null | undefined; siteId?: string | null | undefined; kind?: In<typeof p.alarmKind> | null | undefined; after?: string | null | undefined; limit?: number | null | undefined } } & Asked = {}): Promise<{ items: (Out<typeof p.alarmView>)[]; next: string | null }> =>
  call('GET', '/api/alarms', asked);

/** An alarm */
export const getAlarmsById = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.alarmView>> =>
  call('GET', `/api/alarms/${encodeURIComponent(id)}`, asked);

/** Say that somebody knows (then it is told again only when it is over), or silence it until a moment */
export const patchAlarmsById = ({ id, ...asked }: { id: string; body: In<typeof p.alarmChange> } & Asked): Promise<Out<typeof p.alarmView>> =>
  call('PATCH', `/api/alarms/${encodeURIComponent(id)}`, asked);

/** When there is an alarm, in the whole house */
export const getAlarmRules = (asked: Asked = {}): Promise<Out<typeof p.alarmRulesView>> =>
  call('GET', '/api/alarm-rules', asked);

/** Set what differs from the rules that are built in; what is left out is as built in */
export const putAlarmRules = (asked: { body: In<typeof p.alarmRuleChanges> } & Asked): Promise<Out<typeof p.alarmRulesView>> =>
  call('PUT', '/api/alarm-rules', asked);

/** When there is an alarm at a site */
export const getSitesByIdAlarmRules = ({ id, ...asked }: { id: string } & Asked): Promise<Out<typeof p.alarmRulesView>> =>
  call('GET', `/api/sites/${encodeURIComponent(id)}/alarm-rules`, asked);

/** Set what differs at a site from the rules of the house; what is left out is as there */
export const putSitesByIdAlarmRules = ({ id, ...asked }: { id: string; body: In<typeof p.alarmRuleChanges> } & Asked): Promise<Out<typeof p.alarmRulesView>> =>
  call('PUT', `/api/sites/${encodeURIComponent(id)}/alarm-rules`, asked);
