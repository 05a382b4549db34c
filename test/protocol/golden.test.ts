import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  agentCommand,
  agentEvent,
  agentSettings,
  agentStatus,
  cloudStatus,
  eventContent,
  frameIdOf,
  grants,
  mayPublish,
  mayRead,
  newAgentId,
  newSessionId,
  readAgentTopic,
  receipt,
  still,
  topics,
} from '@slowlight/protocol';
import { describe, expect, test } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../protocol/golden/v1');
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
const schemas = {
  event: agentEvent,
  status: agentStatus,
  'cloud-status': cloudStatus,
  receipt,
  grants,
  settings: agentSettings,
  command: agentCommand,
  still,
};
const schemaOf = (name: string) => schemas[name.split('.')[0] as keyof typeof schemas];

describe('golden examples', () => {
  test.each(names)('%s is still read, and nothing in it is lost', (name) => {
    expect(schemaOf(name).parse(read(name))).toEqual(read(name));
  });

  test('have never been edited since they were shipped', () => {
    const sums = readFileSync(path.join(folder, 'SHA256SUMS'), 'utf8').trim().split('\n');
    const now = names.map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(path.join(folder, name)))
          .digest('hex')}  ${name}`,
    );
    expect(now.sort()).toEqual(sums.sort());
  });

  test('exist for every kind of message', () => {
    const kinds = [
      ...agentEvent.options.map((option) => `event.${option.shape.type.value}`),
      ...agentCommand.options.map((option) => `command.${option.shape.type.value}`),
    ];
    expect(kinds.filter((kind) => !names.some((name) => name.startsWith(`${kind}.`)))).toEqual([]);
    expect(kinds.length).toBeGreaterThan(9);
  });

  test.each(names)('%s with a field that nobody knows is refused', (name) => {
    expect(schemaOf(name).safeParse({ ...(read(name) as object), surprise: 1 }).success).toBe(false);
  });
});

describe('the content of an event', () => {
  const event = agentEvent.parse(read('event.slot.settled.captured.json'));

  test('is the same in every copy, whatever connection sent it and in whatever order its fields stand', () => {
    const copy = { ...event, session: newSessionId(), sentAt: event.sentAt + 5000 };
    const turned = JSON.parse(JSON.stringify(event), (_, value) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    );
    expect(eventContent(copy)).toBe(eventContent(event));
    expect(eventContent(agentEvent.parse(turned))).toBe(eventContent(event));
  });

  test('differs as soon as one value does', () => {
    const other = structuredClone(event);
    if (other.type === 'slot.settled' && other.body.outcome === 'captured') other.body.frame.sizeBytes += 1;
    expect(eventContent(other)).not.toBe(eventContent(event));
  });
});

describe('topics', () => {
  const me = newAgentId();
  const other = newAgentId();

  test('are read back as what they were made from', () => {
    expect(readAgentTopic(topics.agentEvents(me))).toEqual({ agent: me, kind: 'events' });
    for (const strange of [
      'slowlight/v1/agents/x/events',
      `${topics.agentEvents(me)}/more`,
      'slowlight/v2/agents',
      topics.cloudStatus,
    ])
      expect(readAgentTopic(strange)).toBeNull();
  });

  test('an agent publishes its own status, events and stills, and nothing else', () => {
    const own = [topics.agentStatus(me), topics.agentEvents(me), topics.agentStills(me)];
    expect(own.every((topic) => mayPublish(me, topic))).toBe(true);
    const denied = [
      topics.agentStatus(other),
      topics.agentEvents(other),
      topics.agentStills(other),
      topics.agentReceipts(me),
      topics.cloudStatus,
      topics.agentSettings(me),
      '#',
    ];
    expect(denied.filter((topic) => mayPublish(me, topic))).toEqual([]);
  });

  test('an agent hears its own topics and whether somebody listens, and no wildcard', () => {
    const denied = [
      topics.agentReceipts(other),
      topics.agentSettings(other),
      topics.agentEvents(me),
      topics.agentStills(me),
      '#',
      'slowlight/#',
      topics.allStatus,
      '$SYS/#',
    ];
    expect(denied.filter((topic) => mayRead(me, topic))).toEqual([]);
    expect(
      [topics.cloudStatus, topics.agentGrants(me), topics.agentSettings(me)].every((topic) => mayRead(me, topic)),
    ).toBe(true);
  });

  test('a frame’s id says whose it is', () => {
    expect(frameIdOf(me, 7)).toBe(`frm-${me.slice(4)}-7`);
    expect(() => frameIdOf(me, 0)).toThrow();
  });
});
