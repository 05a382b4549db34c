/** What the addresses of the system's pages say. What is not right is left out. */
import type { JobView } from '@slowlight/protocol';
import type { AuditFilter } from '../server/house.ts';

export const JOB_STATES: readonly JobView['state'][] = ['waiting', 'running', 'dead', 'done', 'cancelled'];

export function readJobsPlace({ state }: Record<string, unknown>): { state?: JobView['state'] } {
  const known = JOB_STATES.find((one) => one === state);
  return known === undefined ? {} : { state: known };
}

export function readAuditPlace(search: Record<string, unknown>): AuditFilter {
  const text = (name: string) => {
    const value = search[name];
    return typeof value === 'string' && value !== '' && value.length <= 80 ? { [name]: value } : {};
  };
  const moment = (name: string) => {
    const value = search[name];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? { [name]: value } : {};
  };
  return { ...text('actor'), ...text('action'), ...text('subject'), ...moment('from'), ...moment('to') };
}
