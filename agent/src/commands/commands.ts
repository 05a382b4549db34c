/**
 * What people ask of the agent. Promise: each command is begun at most once, also over restarts; not at all after it has
 * expired; and answered. A command that a crash interrupted is not repeated and stays unanswered until it expires.
 * Invariant: what is asked by looking (`watch-camera`) leaves no trace on the card; its answer is what is to be seen.
 */
import type { AgentCommand, AgentEventContent, CommandId, FrameId } from '@slowlight/protocol';
import { type Clock, toFailure } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';

export type CommandAnswer =
  | {
      kind: 'done';
      frameId: FrameId | null;
      answer: Record<string, unknown>;
      /** Done once the answer is in the buffer. */
      afterwards?: () => void;
    }
  | { kind: 'refused'; code: string; hint: string };

/** One command of this type. */
export type CommandOf<Type extends AgentCommand['type']> = Extract<AgentCommand, { type: Type }>;
type Answered = Exclude<AgentCommand['type'], 'watch-camera'>;
/** How each kind of command is obeyed. A new kind is a new entry. */
export type Obey = {
  [Type in Answered]: (command: CommandOf<Type>, signal: AbortSignal) => Promise<CommandAnswer> | CommandAnswer;
};

export interface CommandDeps {
  clock: Clock;
  log: Log;
  /** False when it was begun before. */
  begin(command: CommandId, expiresAt: number): boolean;
  obey: Obey;
  watch(body: CommandOf<'watch-camera'>['body']): void;
  tell(event: AgentEventContent): unknown;
}

/** More at once are refused: each may hold a whole picture in memory. */
const MOST_AT_ONCE = 16;

export function createCommands(deps: CommandDeps) {
  const { clock, log } = deps;
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();

  async function obey(command: Exclude<AgentCommand, { type: 'watch-camera' }>): Promise<void> {
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
      const answer = await deps.obey[command.type](command as never, stopping.signal);
      deps.tell(answered(command.id, answer));
      log.info({ command: command.id, type: command.type, result: answer.kind }, 'a command was answered');
      if (answer.kind === 'done') answer.afterwards?.();
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
      if (command.type === 'watch-camera') {
        if (clock.now() <= command.expiresAt) deps.watch(command.body);
        return;
      }
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
export type Commands = ReturnType<typeof createCommands>;

const answered = (commandId: CommandId, answer: CommandAnswer): AgentEventContent =>
  answer.kind === 'refused'
    ? refused(commandId, answer.code, answer.hint)
    : {
        type: 'command.done',
        body: { result: 'done', commandId, frameId: answer.frameId, answer: answer.answer },
      };

const refused = (commandId: CommandId, code: string, hint: string): AgentEventContent => ({
  type: 'command.done',
  body: { result: 'refused', commandId, code, hint: hint.slice(0, 500) },
});
