import { readFile, stat } from 'node:fs/promises';
import { newAgentId, newCameraId, newCommandId, newTimelapseId, topics } from '@slowlight/protocol';
import { describe, expect, it } from 'vitest';
import { everyMs, makeSettings } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { openAgent, writeIdentity } from '../rig/running-agent.ts';
import { frameOf, openTinyCloud } from '../rig/tiny-cloud.ts';
import { until } from '../rig/until.ts';

async function openScene() {
  const folder = await openFolder();
  const agentId = newAgentId();
  const cloud = await openTinyCloud(agentId);
  await writeIdentity(folder, { agentId, brokerUrl: cloud.brokerUrl });
  const ids = { agentId, cameraId: newCameraId(), timelapseId: newTimelapseId() };
  return { folder, cloud, ids };
}

describe('a whole agent', () => {
  it('takes a picture at every slot, delivers it, and forgets it on the receipt', async () => {
    const { folder, cloud, ids } = await openScene();
    const agent = await openAgent(folder);
    cloud.listen(true);
    cloud.settings(makeSettings({ ...ids, schedule: everyMs(1000), firstAtOnce: true }));
    await until('four frames are delivered and forgotten', () => cloud.forgotten.size >= 4);
    await agent.stop();

    const frames = [...cloud.recorded.values()].filter((event) => frameOf(event) !== null);
    const dueAts = frames.flatMap((event) => (event.type === 'slot.settled' ? [event.body.slot.dueAt] : []));
    expect(dueAts.slice(1).every((dueAt) => dueAt % 1000 === 0)).toBe(true);
    expect(new Set(dueAts).size).toBe(dueAts.length);
    expect([...cloud.recorded.keys()].sort((a, b) => a - b)).toEqual(
      Array.from({ length: cloud.recorded.size }, (_, index) => index + 1),
    );
    expect(cloud.conflicts).toEqual([]);
    expect(cloud.statuses.map((status) => status.body.status)).toEqual(expect.arrayContaining(['online', 'stopped']));
    expect(cloud.statuses.at(-1)?.body.status).toBe('stopped');
    expect(agent.log.lines.filter((line) => line.level === 'error')).toEqual([]);
  });

  it('does what it is asked by hand, once, with or without a running timelapse', async () => {
    const { folder, cloud, ids } = await openScene();
    await openAgent(folder);
    cloud.listen(true);
    cloud.settings(makeSettings({ ...ids, state: 'paused' }));
    await until('the settings are applied', () =>
      cloud.statuses.find((status) => status.body.status === 'online' && status.body.settingsVersion === 1),
    );
    const id = newCommandId();
    const command = { v: 1, type: 'capture-now', id, expiresAt: Date.now() + 60_000, body: { cameraId: ids.cameraId } };
    cloud.publish(topics.agentCommands(ids.agentId), command);
    cloud.publish(topics.agentCommands(ids.agentId), command);
    const test = newCommandId();
    cloud.publish(topics.agentCommands(ids.agentId), { ...command, type: 'test-camera', id: test });
    const late = newCommandId();
    cloud.publish(topics.agentCommands(ids.agentId), { ...command, id: late, expiresAt: Date.now() - 1 });
    const answers = () =>
      [...cloud.recorded.values()].flatMap((event) => (event.type === 'command.done' ? [event.body] : []));
    await until('three answers', () => answers().length === 3);
    const shot = [...cloud.recorded.values()].filter((event) => event.type === 'frame.taken');
    expect(shot).toHaveLength(1);
    expect(shot[0]?.body).toMatchObject({ commandId: id });
    expect(answers().find((answer) => answer.commandId === id)).toMatchObject({ result: 'done' });
    expect(answers().find((answer) => answer.commandId === test)).toMatchObject({
      result: 'done',
      answer: { widthPx: 64 },
    });
    expect(answers().find((answer) => answer.commandId === late)).toMatchObject({ code: 'command.expired' });
  });

  it('works on its last settings without the control plane, and tells everything afterwards', async () => {
    const { folder, cloud, ids } = await openScene();
    const first = await openAgent(folder);
    cloud.listen(true);
    cloud.settings(makeSettings({ ...ids, schedule: everyMs(1000) }));
    await until('a frame is there', () => cloud.uploads.size > 0);
    await first.stop();

    cloud.reachable(false);
    const second = await openAgent(folder);
    const taken = () => second.log.lines.filter((line) => line.message === 'a frame was taken').length;
    await until('frames are taken alone', () => taken() >= 3);
    cloud.reachable(true);
    await until('all frames are delivered', () => cloud.forgotten.size >= 4, 45_000);
    const missed = [...cloud.recorded.values()].filter((event) => event.type === 'slots.missed');
    for (const event of missed) expect(event.body).toMatchObject({ reason: 'agent-down' });
    expect(cloud.conflicts).toEqual([]);
  });

  it('makes its key pair once, before anybody hears of it', async () => {
    const { folder, cloud, ids } = await openScene();
    const first = await openAgent(folder);
    cloud.listen(true);
    const key = () => cloud.statuses.flatMap(({ body }) => (body.status === 'online' ? [body.publicKey] : []));
    const [told] = await until('it is online', () => key().length > 0 && key());
    await first.stop();
    const file = await readIdentity(folder);
    expect(file.publicKey).toBe(told);
    expect(file.mode & 0o077).toBe(0);
    expect(ids.agentId).toBe(file.agentId);
  });

  it('says what to do when there is no identity', async () => {
    const folder = await openFolder();
    await expect(openAgent(folder)).rejects.toMatchObject({
      code: 'identity.missing',
      hint: expect.stringContaining('control plane'),
    });
  });
});

async function readIdentity(folder: string) {
  const file = `${folder}/data/identity.json`;
  return { ...JSON.parse(await readFile(file, 'utf8')), mode: (await stat(file)).mode };
}
