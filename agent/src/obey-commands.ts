/**
 * What people ask of the agent. Promise: each command is begun at most once, also over restarts; not at all after it has
 * expired; and answered. A command that a crash interrupted is not repeated and stays unanswered until it expires.
 */
import type { AgentCommand, AgentEventContent, CommandId } from '@slowlight/protocol';
import { type Clock, toFailure } from '@slowlight/protocol/kit';
import type { Log } from './frame.ts';
import type { Taken } from './take-picture.ts';

export interface CommandDeps {
  clock: Clock;
  log: Log;
  /** False when it was begun before. */
  begin(command: CommandId, expiresAt: number): boolean;
  captureNow(command: Extract<AgentCommand, { type: 'capture-now' }>, signal: AbortSignal): Promise<Taken>;
  testCamera(
    command: Extract<AgentCommand, { type: 'test-camera' }>,
    signal: AbortSignal,
  ): Promise<{ kind: 'answer'; answer: Record<string, unknown> } | { kind: 'refused'; code: string; hint: string }>;
  tell(event: AgentEventContent): unknown;
}
type CommandDone = Extract<AgentEventContent, { type: 'command.done' }>['body'];

/** More at once are refused: each may hold a whole picture in memory. */
const MOST_AT_ONCE = 16;

export function createCommands(deps: CommandDeps) {
  const { clock, log } = deps;
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();

  async function answer(command: AgentCommand): Promise<CommandDone> {
    if (command.type === 'capture-now') return answerTaken(command.id, await deps.captureNow(command, stopping.signal));
    const tested = await deps.testCamera(command, stopping.signal);
    return tested.kind === 'answer'
      ? { result: 'done', commandId: command.id, frameId: null, answer: tested.answer }
      : { result: 'refused', commandId: command.id, code: tested.code, hint: tested.hint.slice(0, 500) };
  }

  async function obey(command: AgentCommand): Promise<void> {
    try {
      if (!deps.begin(command.id, command.expiresAt)) return;
      if (clock.now() > command.expiresAt) {
        log.warn({ command: command.id, type: command.type }, 'a command came after it had expired and was left');
        deps.tell(refused(command.id, 'command.expired', 'It reached the agent too late: send it again.'));
        return;
      }
      if (running.size >= MOST_AT_ONCE) {
        log.warn({ command: command.id, type: command.type, running: running.size }, 'too many commands at once');
        deps.tell(refused(command.id, 'command.too-many', 'The agent is busy with other commands: send it again.'));
        return;
      }
      const body = await answer(command);
      deps.tell({ type: 'command.done', body });
      log.info({ command: command.id, type: command.type, result: body.result }, 'a command was answered');
    } catch (cause) {
      if (stopping.signal.aborted) return;
      const { code, hint, message } = toFailure(cause);
      log.error({ command: command.id, code }, `a command failed: ${message}`);
      deps.tell(refused(command.id, code, hint));
    }
  }

  return {
    /** Begins it; the answer is an event. Never throws. */
    obey(command: AgentCommand): void {
      if (stopping.signal.aborted) return;
      const work = obey(command).catch((cause: unknown) => {
        log.error({ command: command.id }, `a command could not be answered: ${toFailure(cause).message}`);
      });
      running.add(work);
      void work.then(() => running.delete(work));
    },
    /** Ends when the signal aborts and what was begun has stopped. */
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) await clock.sleep(3_600_000, signal);
      stopping.abort();
      await Promise.all(running);
    },
  };
}

function answerTaken(commandId: CommandId, taken: Taken): CommandDone {
  switch (taken.kind) {
    case 'kept':
      return {
        result: 'done',
        commandId,
        frameId: taken.frame.frameId,
        answer: { score: taken.verdict.score, faults: taken.verdict.faults, sizeBytes: taken.frame.sizeBytes },
      };
    case 'failed':
      return { result: 'refused', commandId, code: `capture.${taken.code}`, hint: taken.hint.slice(0, 500) };
    case 'not-ready':
      return { result: 'refused', commandId, code: `not-ready.${taken.reason}`, hint: taken.detail.slice(0, 500) };
    case 'discarded':
    case 'already-settled':
      return { result: 'refused', commandId, code: 'capture.not-kept', hint: 'The picture was not kept.' };
  }
}

const refused = (commandId: CommandId, code: string, hint: string): AgentEventContent => ({
  type: 'command.done',
  body: { result: 'refused', commandId, code, hint: hint.slice(0, 500) },
});
