/** What a device says of itself beyond its card, its heat and its clock; what it does not tell is left out. */
import type { AgentView } from '@slowlight/protocol';
import type { ReactNode } from 'react';
import { sayBytes, saySpan } from '../moments/say.ts';
import { words } from '../words.ts';

type Device = NonNullable<AgentView['device']>;

export function deviceDetails(device: Device): Record<string, ReactNode> {
  const { memoryFreeBytes, memoryTotalBytes, processMemoryBytes, loadAverage, uptimeSeconds, eventLoopDelayMs } =
    device;
  return {
    [words.system.cameras]: camerasOf(device),
    [words.system.memory]:
      memoryFreeBytes === undefined || memoryTotalBytes === undefined || processMemoryBytes === undefined
        ? undefined
        : words.system.memoryFree(sayBytes(memoryFreeBytes), sayBytes(memoryTotalBytes), sayBytes(processMemoryBytes)),
    [words.system.load]: loadAverage?.toFixed(2),
    [words.system.loopDelay]: eventLoopDelayMs === undefined ? undefined : `${Math.round(eventLoopDelayMs.most)} ms`,
    [words.system.power]: powerOf(device),
    [words.system.network]: networkOf(device),
    [words.system.uptime]: uptimeSeconds === undefined ? undefined : saySpan(uptimeSeconds * 1000),
  };
}

function camerasOf({ cameras = [] }: Device): ReactNode {
  if (cameras.length === 0) return undefined;
  const online = cameras.filter(({ health }) => health === 'online').length;
  const text = words.system.camerasOnline(online, cameras.length);
  return online === cameras.length ? text : <span className="warn-text">{text}</span>;
}

function powerOf({ throttling }: Device): ReactNode {
  if (throttling === undefined) return undefined;
  const say = (list: typeof throttling.now) => list.map((one) => words.system.throttles[one]).join(', ');
  if (throttling.now.length > 0) return <span className="warn-text">{say(throttling.now)}</span>;
  return throttling.sinceBoot.length > 0 ? words.system.throttledBefore(say(throttling.sinceBoot)) : undefined;
}

function networkOf({ network = [] }: Device): ReactNode {
  if (network.length === 0) return undefined;
  return network
    .map(({ name, up, linkPercent }) =>
      up ? `${name}${linkPercent === undefined ? '' : ` ${linkPercent} %`}` : `${name} ${words.system.networkDown}`,
    )
    .join(', ');
}
