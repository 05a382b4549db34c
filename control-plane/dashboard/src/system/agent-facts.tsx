/** What an agent says of itself, as names with values. */
import type { AgentView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sayBytes, saySpan } from '../moments/say.ts';
import { Ago } from '../parts/moment.tsx';
import { Progress } from '../parts/progress.tsx';
import type { Tone } from '../parts/state-dot.tsx';
import { houseQueries } from '../server/house.ts';
import { useMay } from '../server/session.ts';
import { words } from '../words.ts';
import { deviceDetails } from './device-facts.tsx';
import { type Drain, daysUntilFull } from './drain.ts';

export const TONES: Record<AgentView['state'], Tone> = {
  online: 'good',
  offline: 'bad',
  stopped: 'calm',
  'never-seen': 'calm',
};
type Device = NonNullable<AgentView['device']>;

/** What it is and how it is, without its delivery. */
export function deviceFacts(agent: AgentView): Record<string, ReactNode> {
  const { device, settingsApplied, settingsVersion } = agent;
  const always = {
    [words.system.version]: agent.version ?? '–',
    [words.system.settings]:
      settingsApplied >= settingsVersion ? (
        words.system.settingsApplied
      ) : (
        <span className="warn-text">{words.system.settingsWaiting(settingsApplied, settingsVersion)}</span>
      ),
  };
  if (device === null) return always;
  const { temperatureCelsius } = device;
  return {
    ...always,
    [words.system.temperature]: temperatureCelsius === null ? undefined : `${Math.round(temperatureCelsius)} °C`,
    [words.system.clock]:
      device.clock === 'synchronised' ? (
        words.system.clocks.synchronised
      ) : (
        <span className="warn-text">{words.system.clocks.untrusted}</span>
      ),
    ...deviceDetails(device),
    [words.system.reported]: <Ago at={device.at} />,
  };
}

export function deliveryFacts(
  { device, id, state }: AgentView,
  drain: Drain,
  growth: ReadonlyMap<string, number>,
): Record<string, ReactNode> {
  if (device === null) return {};
  const perDay = growth.get(id);
  const days = daysUntilFull(device.diskFreeBytes, perDay);
  return {
    [words.system.backlog]: <Backlog device={device} />,
    [words.fleet.forecast]: state === 'online' ? sayDrain(drain) : undefined,
    [words.system.disk]: <Card device={device} />,
    [words.fleet.growth]: perDay === undefined ? undefined : sayBytes(perDay),
    [words.fleet.cardFull]: days === null ? undefined : sayDays(days),
  };
}

/** Bytes a day of each agent; empty where the role does not tell. */
export function useGrowth(): ReadonlyMap<string, number> {
  const storage = useQuery({ ...houseQueries.storage, enabled: useMay('look', 'house') }).data;
  return new Map(storage?.growth.map(({ agentId, bytesPerDay }) => [agentId, bytesPerDay]));
}

/** More is not worth a figure. */
const MANY_DAYS = 3650;
export function sayDays(days: number): string {
  if (days < 1) return words.fleet.lessThanADay;
  return days > MANY_DAYS ? words.fleet.manyYears : words.time.days(days);
}

function sayDrain(drain: Drain): string | undefined {
  switch (drain.kind) {
    case 'empty':
      return undefined;
    case 'measuring':
      return words.fleet.measuring;
    case 'growing':
      return words.fleet.growing(sayBytes(drain.bytesPerSecond));
    case 'empties':
      return words.fleet.emptyIn(saySpan(drain.afterMs), sayBytes(drain.bytesPerSecond));
  }
}

function Backlog({ device }: { device: Device }) {
  const { backlogFrames, backlogBytes, quarantinedFrames } = device;
  const held = device.heldBack?.backlog ?? device.heldBack?.newFrames;
  const backlog = `${words.video.frames(backlogFrames)}, ${sayBytes(backlogBytes)}`;
  return (
    <>
      {backlogFrames === 0 ? words.system.noBacklog : backlog}
      {backlogFrames > 0 && held !== undefined && ` · ${words.system.heldBack[held.by]}`}
      {quarantinedFrames > 0 && <span className="warn-text"> · {words.system.quarantined(quarantinedFrames)}</span>}
    </>
  );
}

function Card({ device: { diskFreeBytes, diskTotalBytes } }: { device: Device }) {
  return (
    <span className="agent-disk">
      {words.system.diskFree(sayBytes(diskFreeBytes), sayBytes(diskTotalBytes))}
      <Progress part={diskTotalBytes > 0 ? 1 - diskFreeBytes / diskTotalBytes : null} label={words.system.disk} />
    </span>
  );
}
