import { createCommands, type Obey } from '@slowlight/agent/src/commands/commands.ts';
import { createLogLevel, type LogLevel } from '@slowlight/agent/src/commands/log-level.ts';
import { createStills } from '@slowlight/agent/src/commands/stills.ts';
import {
  type AgentCommand,
  type AgentEventContent,
  type CameraId,
  newAgentId,
  newCameraId,
  newCommandId,
  type Still,
} from '@slowlight/protocol';
import { type Clock, systemClock } from '@slowlight/protocol/kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHeardLog, makeSettings, momentAt } from '../rig/agent-parts.ts';
import { createHandClock } from '../rig/hand-clock.ts';
import { until } from '../rig/until.ts';

/** Runs it as long as the test. */
function running({ run }: { run(signal: AbortSignal): Promise<void> }) {
  const stopping = new AbortController();
  const ended = run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await ended;
  };
  onTestFinished(stop);
  return { stop };
}

const notAsked = () => Promise.reject(new Error('not asked for'));
const nothing: Obey = {
  'capture-now': notAsked,
  'test-camera': notAsked,
  'test-shot': notAsked,
  'report-backlog': notAsked,
  'retry-quarantine': notAsked,
  'reset-camera': notAsked,
  reconcile: notAsked,
  discover: notAsked,
  restart: notAsked,
  'set-log-level': notAsked,
  'take-credential': notAsked,
};

function openCommands(obey: Partial<Obey>, clock: Clock = systemClock) {
  const told: AgentEventContent[] = [];
  const watched: CameraId[] = [];
  const begun = new Set<string>();
  const commands = createCommands({
    clock,
    log: createHeardLog(),
    begin: (id) => !begun.has(id) && begun.add(id) !== undefined,
    obey: { ...nothing, ...obey },
    watch: ({ cameraId }) => watched.push(cameraId),
    tell: (event) => told.push(event),
  });
  running(commands);
  return { commands, told, watched, begun };
}

const command = (type: AgentCommand['type'], body: object, more: object = {}): AgentCommand =>
  ({ v: 1, type, id: newCommandId(), expiresAt: systemClock.now() + 60_000, body, ...more }) as AgentCommand;

describe('commands', () => {
  it('a flood of commands is refused by name beyond sixteen at once, and each is answered', async () => {
    const gate = Promise.withResolvers<void>();
    onTestFinished(() => gate.resolve());
    let taking = 0;
    const { commands, told } = openCommands({
      async 'capture-now'() {
        taking += 1;
        await gate.promise;
        return { kind: 'refused', code: 'capture.timed-out', hint: 'later' };
      },
    });
    const cameraId = newCameraId();
    for (let index = 0; index < 40; index += 1) commands.obey(command('capture-now', { cameraId }));
    await until('the rest are refused', () => told.length === 24);
    expect(taking).toBe(16);
    expect(told[0]?.body).toMatchObject({ result: 'refused', code: 'command.too-many' });
    gate.resolve();
    await until('all are answered', () => told.length === 40);
  });

  it('what comes afterwards waits until the answer is in the buffer', async () => {
    const order: string[] = [];
    const { commands, told } = openCommands({
      restart: () => ({
        kind: 'done',
        frameId: null,
        answer: {},
        afterwards: () => order.push(`restart after ${told.length} answer`),
      }),
    });
    commands.obey(command('restart', {}));
    await until('it has been restarted', () => order.length === 1);
    expect(order).toEqual(['restart after 1 answer']);
  });

  it('watching leaves no trace: neither begun on the card nor answered, and not at all when it has expired', async () => {
    const { commands, told, watched, begun } = openCommands({});
    const cameraId = newCameraId();
    const body = { cameraId, everyMs: 1000, forMs: 15_000 };
    commands.obey(command('watch-camera', body));
    commands.obey(command('watch-camera', body, { expiresAt: systemClock.now() - 1 }));
    expect(watched).toEqual([cameraId]);
    expect([told, [...begun]]).toEqual([[], []]);
  });

  it('a fault of ours is an answer, too', async () => {
    const { commands, told } = openCommands({ 'report-backlog': () => Promise.reject(new Error('the card is gone')) });
    commands.obey(command('report-backlog', {}));
    await until('it is answered', () => told.length === 1);
    expect(told[0]?.body).toMatchObject({ result: 'refused', code: 'unexpected' });
  });
});

describe('the level of the log', () => {
  it('goes back to the own setting when its time is over, counted from the last change', async () => {
    const clock = createHandClock();
    let level: LogLevel = 'info';
    const levels = createLogLevel({
      clock,
      log: createHeardLog(),
      level: {
        get: () => level,
        set(next) {
          level = next;
        },
      },
    });
    const { stop } = running(levels);
    levels.set('debug', 60_000);
    expect(level).toBe('debug');
    await until('it waits', () => clock.sleepers > 0);
    await clock.advance(50_000);
    levels.set('warn', 60_000);
    await until('it waits anew', () => clock.sleepers > 0);
    await clock.advance(50_000);
    expect(level).toBe('warn');
    await until('it waits on', () => clock.sleepers > 0);
    await clock.advance(10_000);
    await until('it is back', () => level === 'info');
    levels.set('debug', 60_000);
    await stop();
    expect(level).toBe('info');
  });
});

describe('stills', () => {
  function openStills(sends: (still: Still['body']) => boolean = () => true) {
    const clock = createHandClock();
    const camera = makeSettings({ agentId: newAgentId() }).cameras[0];
    if (camera === undefined) throw new Error('no camera');
    const sent: Still['body'][] = [];
    let broken = false;
    const stills = createStills({
      clock,
      log: createHeardLog(),
      cameraOf: (id) => ({ ...camera, id }),
      async take() {
        if (broken) return { kind: 'failed', code: 'timed-out', hint: 'it is silent', tries: 3 };
        const taken = momentAt(clock.now());
        return { kind: 'picture', picture: { pixels: Buffer.alloc(12), widthPx: 2, heightPx: 2, taken }, tries: 1 };
      },
      small: async () => ({ bytes: Buffer.from('jpeg'), type: 'image/jpeg', widthPx: 2, heightPx: 2 }),
      send(still) {
        sent.push(still);
        return sends(still);
      },
    });
    running(stills);
    const second = async () => {
      await until('it waits', () => clock.sleepers > 1 || stills.watched().length === 0);
      await clock.advance(1000);
    };
    return { clock, camera, stills, sent, second, breaks: () => (broken = true) };
  }
  const wish = (cameraId: CameraId) => ({ cameraId, everyMs: 1000, forMs: 5000 });

  it('come once a second and end when nobody has asked for as long as was said', async () => {
    const { camera, stills, sent, second } = openStills();
    stills.watch(wish(camera.id));
    for (let count = 0; count < 3; count += 1) await second();
    stills.watch(wish(camera.id));
    for (let count = 0; count < 12; count += 1) await second();
    await until('it has ended', () => stills.watched().length === 0);
    expect(sent.length).toBeGreaterThanOrEqual(8);
    expect(sent.length).toBeLessThanOrEqual(9);
    expect(sent[0]).toMatchObject({ result: 'picture', jpeg: Buffer.from('jpeg').toString('base64') });
  });

  it('a camera that fails says so, and is tried on', async () => {
    const { camera, stills, sent, second, breaks } = openStills();
    breaks();
    stills.watch(wish(camera.id));
    for (let count = 0; count < 4; count += 1) await second();
    expect(sent.length).toBeGreaterThanOrEqual(2);
    expect(sent[0]).toEqual({ result: 'failed', cameraId: camera.id, code: 'camera.timed-out', hint: 'it is silent' });
  });

  it('end at once when the line is down, and a fifth camera is refused', async () => {
    const { camera, stills, sent } = openStills(() => false);
    stills.watch(wish(camera.id));
    await until('it has ended', () => stills.watched().length === 0);
    const busy = openStills();
    for (let count = 0; count < 5; count += 1) busy.stills.watch(wish(newCameraId()));
    expect(busy.sent[0]).toMatchObject({ result: 'failed', code: 'live.too-many' });
    expect(busy.stills.watched()).toHaveLength(4);
    expect(sent).toHaveLength(1);
  });
});
