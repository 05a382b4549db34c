import { createCommands } from '@slowlight/agent/src/obey-commands.ts';
import { type AgentCommand, type AgentEventContent, newCameraId, newCommandId } from '@slowlight/protocol';
import { systemClock } from '@slowlight/protocol/kit';
import { expect, it, onTestFinished } from 'vitest';
import { createHeardLog } from '../rig/agent-parts.ts';
import { until } from '../rig/until.ts';

it('a flood of commands is refused by name beyond sixteen at once, and each is answered', async () => {
  const gate = Promise.withResolvers<void>();
  const told: AgentEventContent[] = [];
  let taking = 0;
  const commands = createCommands({
    clock: systemClock,
    log: createHeardLog(),
    begin: () => true,
    async captureNow() {
      taking += 1;
      await gate.promise;
      return { kind: 'failed', code: 'timed-out', hint: 'later', tries: 1 };
    },
    testCamera: () => Promise.reject(new Error('not asked for')),
    tell: (event) => told.push(event),
  });
  const stopping = new AbortController();
  const ended = commands.run(stopping.signal);
  onTestFinished(async () => {
    gate.resolve();
    stopping.abort();
    await ended;
  });
  const camera = newCameraId();
  for (let index = 0; index < 40; index += 1) {
    const command: AgentCommand = {
      v: 1,
      type: 'capture-now',
      id: newCommandId(),
      expiresAt: systemClock.now() + 60_000,
      body: { cameraId: camera },
    };
    commands.obey(command);
  }
  await until('the rest are refused', () => told.length === 24);
  expect(taking).toBe(16);
  expect(told[0]?.body).toMatchObject({ result: 'refused', code: 'command.too-many' });
  gate.resolve();
  await until('all are answered', () => told.length === 40);
});
