import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Agent, createAgent } from '@slowlight/agent/src/agent.ts';
import type { LogLevel } from '@slowlight/agent/src/commands/log-level.ts';
import { readConfig } from '@slowlight/agent/src/config.ts';
import type { AgentId } from '@slowlight/protocol';
import { type Clock, systemClock } from '@slowlight/protocol/kit';
import { onTestFinished } from 'vitest';
import { createHeardLog, type HeardLog } from './agent-parts.ts';

export interface RunningAgent {
  log: HeardLog;
  /** What its log lets through. */
  level(): LogLevel;
  agent: Agent;
  /** Stops it clean and waits for its end. */
  stop(): Promise<void>;
  ended: Promise<void>;
}

export async function writeIdentity(
  folder: string,
  { agentId, brokerUrl, secret = 'secret-of-the-test' }: { agentId: AgentId; brokerUrl: string; secret?: string },
): Promise<string> {
  await mkdir(path.join(folder, 'data'), { recursive: true });
  const file = path.join(folder, 'data', 'identity.json');
  await writeFile(file, JSON.stringify({ agentId, secret, brokerUrl }), { mode: 0o600 });
  return file;
}

export const agentEnvironment = (folder: string): Record<string, string> => ({
  SLOWLIGHT_AGENT_DATA: path.join(folder, 'data'),
  SLOWLIGHT_AGENT_TRUST_CLOCK: 'yes',
  SLOWLIGHT_AGENT_KEEP_FREE_MB: '1',
  SLOWLIGHT_AGENT_CAMERA_NETWORKS: 'any,127.0.0.0/8',
});

/** A whole agent in this process, ready; it stops with the test. */
export async function openAgent(
  folder: string,
  {
    env = {},
    clock = systemClock,
    synchronisedFiles,
  }: { env?: Record<string, string>; clock?: Clock; synchronisedFiles?: readonly string[] } = {},
): Promise<RunningAgent> {
  const log = createHeardLog();
  const stopping = new AbortController();
  let level: LogLevel = 'info';
  const levelSwitch = {
    get: () => level,
    set(next: LogLevel) {
      level = next;
    },
  };
  const agent = createAgent(readConfig({ ...agentEnvironment(folder), ...env }), {
    clock,
    synchronisedFiles,
    log,
    level: levelSwitch,
  });
  const ended = agent.run(stopping.signal);
  // One that does not start says so through `ready`.
  onTestFinished(async () => {
    stopping.abort();
    await ended.catch(() => {});
  });
  const stop = async () => {
    stopping.abort();
    await ended;
  };
  await agent.ready;
  onTestFinished(stop);
  return { log, level: () => level, agent, stop, ended };
}
