// biome-ignore-all format: written by test/rig/generate-client.ts; test/control-plane/http/client.test.ts keeps it true
import type * as p from '@slowlight/protocol';
import { type Asked, call, type In, type Out } from '../call.ts';

/** What makes the films of a timelapse */
export const getTimelapsesByIdRules = ({ id, ...asked }: { id: string } & Asked): Promise<{ items: (Out<typeof p.ruleView>)[]; next: string | null }> =>
  call('GET', `/api/timelapses/${encodeURIComponent(id)}/rules`, asked);

/** Make a rule */
export const postTimelapsesByIdRules = ({ id, ...asked }: { id: string; body: In<typeof p.ruleInput> } & Asked): Promise<Out<typeof p.ruleView>> =>
  call('POST', `/api/timelapses/${encodeURIComponent(id)}/rules`, asked);

/** A rule */
export const getTimelapsesByIdRulesByRule = ({ id, rule, ...asked }: { id: string; rule: string } & Asked): Promise<Out<typeof p.ruleView>> =>
  call('GET', `/api/timelapses/${encodeURIComponent(id)}/rules/${encodeURIComponent(rule)}`, asked);

/** Change a rule; another trigger counts from now on */
export const patchTimelapsesByIdRulesByRule = ({ id, rule, ...asked }: { id: string; rule: string; body: In<typeof p.ruleChange> } & Asked): Promise<Out<typeof p.ruleView>> =>
  call('PATCH', `/api/timelapses/${encodeURIComponent(id)}/rules/${encodeURIComponent(rule)}`, asked);

/** Delete a rule; its films stay */
export const deleteTimelapsesByIdRulesByRule = ({ id, rule, ...asked }: { id: string; rule: string } & Asked): Promise<void> =>
  call('DELETE', `/api/timelapses/${encodeURIComponent(id)}/rules/${encodeURIComponent(rule)}`, asked);

/** Make the film of a rule now, before all other films */
export const postTimelapsesByIdRulesByRuleRun = ({ id, rule, ...asked }: { id: string; rule: string } & Asked): Promise<Out<typeof p.videoView>> =>
  call('POST', `/api/timelapses/${encodeURIComponent(id)}/rules/${encodeURIComponent(rule)}/run`, asked);

/** What came of a rule, newest first */
export const getTimelapsesByIdRulesByRuleOccurrences = ({ id, rule, ...asked }: { id: string; rule: string; query?: { after?: string | null | undefined; limit?: number | null | undefined } } & Asked): Promise<{ items: (Out<typeof p.ruleOccurrence>)[]; next: string | null }> =>
  call('GET', `/api/timelapses/${encodeURIComponent(id)}/rules/${encodeURIComponent(rule)}/occurrences`, asked);
