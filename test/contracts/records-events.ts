import { newAgentId, newCameraId, newCommandId, newTimelapseId } from '@slowlight/protocol';
import { toFailure } from '@slowlight/protocol/kit';
import { expect, test } from 'vitest';
import { createEdge, frameOf } from '../rig/edge.ts';
import { aCamera, openRecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;

export function recordsEvents(openHouse: OpenHouse): void {
  test('an event is recorded, its copy is a duplicate, and another content under its seq is refused as a fault', async (context) => {
    const { records, edge, timelapse, cameraId, agent, now } = await openRecordsScene(openHouse, context);
    const event = edge.captured(timelapse.id, cameraId, now);
    const clone = createEdge(agent.id, now).captured(timelapse.id, cameraId, now + MINUTE);
    const kinds = async (events: Parameters<typeof records.recordEvents>[0]) =>
      (await records.recordEvents(events)).map((outcome) => ('code' in outcome ? outcome.code : outcome.kind));
    expect(await kinds([event, event, clone])).toEqual(['recorded', 'duplicate', 'ingest.conflict']);
    const resent = { ...event, event: { ...event.event, session: 'ses-9999999999999999', sentAt: now + 5 } as never };
    expect(await kinds([resent, clone, clone])).toEqual(['duplicate', 'ingest.conflict', 'ingest.conflict']);
    const { items } = await records.faults({ limit: 10 });
    expect(items.map((fault) => fault.code)).toEqual(['ingest.conflict']);
    expect(items[0]).toMatchObject({ agentId: agent.id, excerpt: expect.stringContaining('slot.settled') });
    expect((await records.frames({ order: 'newest', limit: 10 })).items).toHaveLength(1);
  });

  test('an event that nobody could read is one fault, the receipt passes it, and once it can be read it is recorded', async (context) => {
    const { records, edge, timelapse, agent, now } = await openRecordsScene(openHouse, context);
    const events = [1, 2, 3].map((minute) => edge.settled(timelapse.id, now + minute * MINUTE, 'skipped'));
    const [first, second, third] = events as [(typeof events)[0], (typeof events)[0], (typeof events)[0]];
    await records.recordEvents([first, third]);
    const refusal = { agentId: agent.id, seq: 2, code: 'ingest.unreadable', reason: 'Not yet known.', excerpt: '{}' };
    await Promise.all([records.refuseEvents([refusal]), records.refuseEvents([refusal, refusal])]);
    expect(await records.receiptState(agent.id)).toEqual({ recordedUpTo: 3, recordedAlso: [] });
    expect((await records.faults({ limit: 9 })).items).toMatchObject([{ code: 'ingest.unreadable', excerpt: '{}' }]);
    await records.refuseEvents([{ ...refusal, seq: 1 }]);
    expect(await records.recordEvents([first])).toMatchObject([{ kind: 'duplicate' }]);
    expect(await records.recordEvents([second, second])).toMatchObject([{ kind: 'recorded' }, { kind: 'duplicate' }]);
    await records.refuseEvents([refusal]);
    expect(await records.recordEvents([second])).toMatchObject([{ kind: 'duplicate' }]);
    expect((await records.coverage(timelapse.id, now, now + 5 * MINUTE)).outcomes.skipped).toBe(3);
    const stranger = { ...refusal, agentId: newAgentId() };
    await records.refuseEvents([stranger]);
    expect(await records.receiptState(stranger.agentId)).toEqual({ recordedUpTo: 0, recordedAlso: [] });
  });

  test('a text that the database cannot store is said to be wrong, and is no outage', async (context) => {
    const { records, edge, timelapse, now } = await openRecordsScene(openHouse, context);
    const event = edge.settled(timelapse.id, now, 'skipped');
    Object.assign(event.event.body, { detail: 'a\u0000b' });
    const code = await records.recordEvents([event]).then(
      ([outcome]) => outcome?.kind,
      (thrown: unknown) => toFailure(thrown).code,
    );
    expect(['recorded', 'request.bad-text']).toContain(code);
    expect(await records.userByName('a\u0000b').catch((thrown: unknown) => toFailure(thrown).code)).toSatisfy(
      (given) => given === null || given === 'request.bad-text',
    );
  });

  test('a receipt says how far all is recorded and what is recorded above that', async (context) => {
    const { records, edge, timelapse, agent, now } = await openRecordsScene(openHouse, context);
    const events = Array.from({ length: 2500 }, (_, index) =>
      edge.settled(timelapse.id, now + index * MINUTE, 'skipped'),
    );
    expect(await records.receiptState(agent.id)).toEqual({ recordedUpTo: 0, recordedAlso: [] });
    await records.recordEvents(events.slice(3, 6));
    expect(await records.receiptState(agent.id)).toEqual({ recordedUpTo: 0, recordedAlso: [4, 5, 6] });
    await records.recordEvents([...events.slice(0, 2), ...events.slice(7, 9)]);
    expect(await records.receiptState(agent.id)).toEqual({ recordedUpTo: 2, recordedAlso: [4, 5, 6, 8, 9] });
    await records.recordEvents(events.slice(9));
    await records.recordEvents(events.slice(2, 3));
    const { recordedUpTo, recordedAlso } = await records.receiptState(agent.id);
    expect(recordedUpTo).toBe(6);
    expect(recordedAlso).toHaveLength(1000);
    await records.recordEvents(events.slice(6, 7));
    expect(await records.receiptState(agent.id)).toEqual({ recordedUpTo: 2500, recordedAlso: [] });
    expect(await records.receiptState(newAgentId())).toEqual({ recordedUpTo: 0, recordedAlso: [] });
  });

  test('what belongs to another agent is refused, each time with the same words, and the receipt passes it', async (context) => {
    const { records, timelapse, cameraId, site, now } = await openRecordsScene(openHouse, context);
    const stranger = await records.createAgent({ siteId: site.id, name: 'Pi 2', secretHash: 'b'.repeat(64) });
    const edge = createEdge(stranger.id, now);
    const command = newCommandId();
    const other = createEdge(newAgentId(), now);
    const foreign = [
      edge.captured(timelapse.id, newCameraId(), now),
      edge.taken(cameraId, now),
      edge.uploaded(frameOf(other.captured(timelapse.id, cameraId, now))),
      edge.settled(timelapse.id, now, 'failed'),
      edge.missed(timelapse.id, now, now, 1),
    ];
    const wrongId = edge.taken(newCameraId(), now);
    if (wrongId.event.type === 'frame.taken')
      wrongId.event.body.frame.frameId = frameOf(other.taken(newCameraId(), now));
    const backwards = edge.missed(newTimelapseId(), now, now - 1, 1);
    const first = await records.recordEvents([...foreign, wrongId, backwards]);
    expect(first.map((outcome) => ('code' in outcome ? outcome.code : outcome.kind))).toEqual([
      ...foreign.map(() => 'ingest.foreign'),
      'ingest.wrong-frame-id',
      'ingest.bad-range',
    ]);
    expect(await records.recordEvents([...foreign, wrongId, backwards])).toEqual(first);
    expect((await records.faults({ limit: 50 })).items).toHaveLength(7);
    expect(await records.receiptState(stranger.id)).toEqual({ recordedUpTo: 7, recordedAlso: [] });
    expect((await records.frames({ order: 'newest', limit: 10 })).items).toEqual([]);
    expect(await records.command(command)).toBeNull();
  });

  test('an agent that is not in the records is refused, and the others of its batch are recorded', async (context) => {
    const { records, edge, cameraId, now } = await openRecordsScene(openHouse, context);
    const nobody = createEdge(newAgentId(), now);
    const outcomes = await records.recordEvents([nobody.taken(cameraId, now), edge.taken(cameraId, now)]);
    expect(outcomes).toMatchObject([{ kind: 'refused', code: 'ingest.unknown-agent' }, { kind: 'recorded' }]);
  });

  test('a frame of a deleted or unknown camera is recorded all the same', async (context) => {
    const { records, edge, timelapse, cameraId, agent, now } = await openRecordsScene(openHouse, context);
    const second = newCameraId();
    await records.createCamera(second, agent.id, aCamera);
    await records.deleteCamera(second);
    const events = [
      edge.taken(second, now),
      edge.taken(newCameraId(), now + 1),
      edge.captured(newTimelapseId(), cameraId, now + 2),
      edge.captured(timelapse.id, cameraId, now + 3),
    ];
    const outcomes = await records.recordEvents(events);
    expect(outcomes.map(({ kind }) => kind)).toEqual(events.map(() => 'recorded'));
    const { items } = await records.frames({ order: 'oldest', limit: 10 });
    expect(items.map((frame) => frame.id)).toEqual(events.map(frameOf));
    for (const event of events) expect(await records.pictureStored(frameOf(event))).toBe(true);
    const codes = (await records.faults({ limit: 10 })).items.map((fault) => fault.code).sort();
    expect(codes).toEqual(['ingest.unknown-camera', 'ingest.unknown-timelapse']);
  });

  test('bad pictures for long, and their end, are in the feed, once however often they are said', async (context) => {
    const { records, edge, cameraId, now } = await openRecordsScene(openHouse, context);
    const degraded = edge.say('camera.degraded', {
      cameraId,
      at: now,
      reason: 'ten-in-a-row',
      badPictures: 10,
      ofPictures: 12,
      switchedOff: true,
    });
    const recovered = edge.say('camera.recovered', { cameraId, at: now + 1, by: 'hand' });
    await records.recordEvents([degraded, recovered]);
    await records.recordEvents([degraded, recovered]);
    const told = (await records.feedAfter(0, 100)).map(({ event }) => event);
    expect(told.filter(({ type }) => type === 'camera.degraded' || type === 'camera.recovered')).toEqual([
      {
        type: 'camera.degraded',
        body: { cameraId, reason: 'ten-in-a-row', badPictures: 10, ofPictures: 12, switchedOff: true },
      },
      { type: 'camera.recovered', body: { cameraId, by: 'hand' } },
    ]);
  });

  test('health and device are those of the newest report, whichever comes last', async (context) => {
    const { records, edge, cameraId, agent, now } = await openRecordsScene(openHouse, context);
    const health = (state: string) =>
      edge.say('camera.health-changed', {
        cameraId,
        health: state,
        consecutiveFailures: 5,
        code: state === 'online' ? null : 'timed-out',
        hint: state === 'online' ? null : 'It does not answer.',
        at: now,
      });
    const device = (backlogFrames: number) =>
      edge.say('device.reported', {
        at: now,
        uptimeSeconds: 10,
        diskFreeBytes: 1e9,
        diskTotalBytes: 2e9,
        memoryFreeBytes: 1,
        memoryTotalBytes: 2,
        loadAverage: 0.5,
        temperatureCelsius: null,
        processMemoryBytes: 3,
        backlogFrames,
        backlogBytes: 0,
        quarantinedFrames: 0,
        clock: 'synchronised',
        ffmpegVersion: '7.1',
        eventLoopDelayMs: { p50: 0.1, p99: 2, most: backlogFrames },
        cameras: [{ cameraId, health: 'online', consecutiveFailures: 0, mode: 'warm' }],
      });
    const [older, newer, olderDevice, newerDevice] = [health('online'), health('offline'), device(9), device(1)];
    await records.recordEvents([newer, newerDevice]);
    await records.recordEvents([older, olderDevice]);
    expect(await records.camera(cameraId)).toMatchObject({
      health: 'offline',
      healthCode: 'timed-out',
      healthHint: 'It does not answer.',
    });
    expect((await records.agent(agent.id))?.device).toMatchObject({
      backlogFrames: 1,
      ffmpegVersion: '7.1',
      processMemoryBytes: 3,
      eventLoopDelayMs: { most: 1 },
      cameras: [{ cameraId, mode: 'warm' }],
    });
  });

  test('a command that concerns no camera is kept, and the picture of a test shot for an hour', async (context) => {
    const { records, edge, cameraId, agent, clock, now } = await openRecordsScene(openHouse, context);
    const ask = (asked: Pick<Parameters<typeof records.createCommand>[0], 'type' | 'body'>) =>
      records.createCommand({ v: 1, id: newCommandId(), expiresAt: clock.now() + MINUTE, ...asked } as never, agent.id);
    const shot = await ask({ type: 'test-shot', body: { cameraId, shape: null } });
    const restart = await ask({ type: 'restart', body: {} });
    expect(restart).toMatchObject({ type: 'restart', cameraId: null, agentId: agent.id, createdAt: now });
    const answer = { picture: 'abcd', score: 90 };
    await records.recordEvents([
      edge.say('command.done', { result: 'done', commandId: shot.id, frameId: null, answer }),
      edge.say('command.done', { result: 'done', commandId: restart.id, frameId: null, answer: {} }),
    ]);
    expect(await records.command(shot.id)).toMatchObject({ state: 'done', cameraId, answer });
    await clock.advance(60 * MINUTE + 1);
    await ask({ type: 'report-backlog', body: {} });
    expect(await records.command(shot.id)).toMatchObject({ state: 'done', answer: null });
    expect(await records.command(restart.id)).toMatchObject({ state: 'done', answer: {} });
  });

  test('a command is answered by its agent, or it expires', async (context) => {
    const { records, edge, cameraId, agent, clock, now } = await openRecordsScene(openHouse, context);
    const command = (type: 'capture-now' | 'test-camera') =>
      records.createCommand({ v: 1, type, id: newCommandId(), expiresAt: now + MINUTE, body: { cameraId } }, agent.id);
    const [capture, check, refused] = [
      await command('capture-now'),
      await command('test-camera'),
      await command('test-camera'),
    ];
    expect(capture).toMatchObject({ state: 'sent', cameraId, type: 'capture-now', answer: null });
    const frame = edge.taken(cameraId, now, capture.id);
    const answer = { widthPx: 640 };
    await records.recordEvents([
      frame,
      edge.say('command.done', { result: 'done', commandId: capture.id, frameId: frameOf(frame), answer }),
      edge.say('command.done', { result: 'refused', commandId: refused.id, code: 'camera.offline', hint: 'Later.' }),
    ]);
    await clock.advance(MINUTE);
    expect(await records.command(capture.id)).toMatchObject({ state: 'done', frameId: frameOf(frame), answer });
    expect(await records.command(refused.id)).toMatchObject({
      state: 'refused',
      code: 'camera.offline',
      hint: 'Later.',
    });
    expect(await records.command(check.id)).toMatchObject({ state: 'expired' });
    const told = (await records.feedAfter(0, 100)).filter((entry) => entry.event.type === 'command.done');
    expect(told.map((entry) => entry.event.body)).toEqual([
      { commandId: capture.id, cameraId, result: 'done', hint: null },
      { commandId: refused.id, cameraId, result: 'refused', hint: 'Later.' },
    ]);
  });

  test('letters that no person types are recorded like any others', async (context) => {
    const { records, edge, timelapse, cameraId, now } = await openRecordsScene(openHouse, context);
    const hint = 'says \0 and \ud800 and "quotes" and \u{1f4f7}';
    const events = [
      edge.say('slot.settled', {
        outcome: 'failed',
        slot: { timelapseId: timelapse.id, dueAt: now },
        code: 'refused',
        hint,
        tries: 1,
      }),
      edge.say('camera.health-changed', {
        cameraId,
        health: 'offline',
        consecutiveFailures: 5,
        code: 'refused',
        hint,
        at: now,
      }),
    ];
    expect(await records.recordEvents(events)).toMatchObject([{ kind: 'recorded' }, { kind: 'recorded' }]);
    expect(await records.recordEvents(events)).toMatchObject([{ kind: 'duplicate' }, { kind: 'duplicate' }]);
    expect((await records.camera(cameraId))?.healthHint).toContain('"quotes" and \u{1f4f7}');
  });

  test('faults are kept with credentials cut, newest first, in pages', async (context) => {
    const { records, agent } = await openRecordsScene(openHouse, context);
    for (const number of [1, 2, 3])
      await records.keepFault({
        agentId: number === 2 ? null : agent.id,
        code: 'ingest.unreadable',
        reason: `number ${number}`,
        excerpt: `rtsp://me:secret@host/ ${'x'.repeat(900)}`,
      });
    const first = await records.faults({ limit: 2 });
    expect(first.items.map((fault) => fault.reason)).toEqual(['number 3', 'number 2']);
    expect(first.items[0]?.excerpt).toMatch(/^rtsp:\/\/\*\*\*@host/);
    const second = await records.faults({ limit: 2, after: first.next ?? undefined });
    expect(second).toMatchObject({ items: [{ reason: 'number 1' }], next: null });
  });
}
