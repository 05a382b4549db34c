/** What the addresses of the system's pages say. What is not right is left out. */
import type { ActorKind, JobView, LogLevel, SiteId } from '@slowlight/protocol';
import type { AuditFilter } from '../server/house.ts';

export const JOB_STATES: readonly JobView['state'][] = ['waiting', 'running', 'dead', 'done', 'cancelled'];

export function readJobsPlace({ state }: Record<string, unknown>): { state?: JobView['state'] } {
  const known = JOB_STATES.find((one) => one === state);
  return known === undefined ? {} : { state: known };
}

/** Whose rules are shown; nothing: those of the house. */
export function readAlarmsPlace({ rules }: Record<string, unknown>): { rules?: SiteId } {
  return typeof rules === 'string' && /^sit-[0-9a-z]{16}$/.test(rules) ? { rules: rules as SiteId } : {};
}

export const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
export interface LogsPlace {
  /** At least so grave; nothing: `info`. */
  level?: LogLevel;
  find?: string;
}
export function readLogsPlace({ level, find }: Record<string, unknown>): LogsPlace {
  const known = LEVELS.find((one) => one === level);
  // An address is read as JSON where it can be: a number that is looked for is one.
  const wanted = typeof find === 'string' || typeof find === 'number' ? String(find).slice(0, 200) : '';
  return {
    ...(known === undefined || known === 'info' ? {} : { level: known }),
    ...(wanted === '' ? {} : { find: wanted }),
  };
}

export const ACTOR_KINDS: readonly ActorKind[] = ['user', 'token', 'agent', 'home', 'system'];

export function readAuditPlace(search: Record<string, unknown>): AuditFilter {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === 'string' && value !== '' && value.length <= 80 ? { [name]: value } : {};
  };
  const moment = (name: string) => {
    const value = search[name];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? { [name]: value } : {};
  };
  const kind = ACTOR_KINDS.find((one) => one === search.actorKind);
  return {
    ...text('actor'),
    ...(kind === undefined ? {} : { actorKind: kind }),
    ...text('action'),
    ...text('subject'),
    ...moment('from'),
    ...moment('to'),
  };
}
