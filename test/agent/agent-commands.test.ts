import { readFile } from 'node:fs/promises';
import { type AgentCommand, newAgentId, newCameraId, newCommandId, still, topics } from '@slowlight/protocol';
import { newKeyPair, seal } from '@slowlight/protocol/kit';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { makeSettings } from '../rig/agent-parts.ts';
import { openFolder } from '../rig/folder.ts';
import { openAgent, writeIdentity } from '../rig/running-agent.ts';
import { openTinyCloud } from '../rig/tiny-cloud.ts';
import { until } from '../rig/until.ts';

async function openScene() {
  const folder = await openFolder();
  const agentId = newAgentId();
  const cameraId = newCameraId();
  const cloud = await openTinyCloud(agentId);
  await writeIdentity(folder, { agentId, brokerUrl: cloud.brokerUrl });
  const agent = await openAgent(folder);
  cloud.listen(true);
  cloud.settings(makeSettings({ agentId, cameraId, state: 'paused' }));
  await until('the settings are applied', () =>
    cloud.statuses.find((status) => status.body.status === 'online' && status.body.settingsVersion === 1),
  );
  function send(type: AgentCommand['type'], body: object): string {
    const id = newCommandId();
    cloud.publish(topics.agentCommands(agentId), { v: 1, type, id, expiresAt: Date.now() + 60_000, body });
    return id;
  }
  async function ask(type: AgentCommand['type'], body: object) {
    const id = send(type, body);
    return await until(`${type} is answered`, () =>
      [...cloud.recorded.values()]
        .flatMap((event) => (event.type === 'command.done' ? [event.body] : []))
        .find(({ commandId }) => commandId === id),
    );
  }
  return { folder, cloud, agent, cameraId, send, ask };
}

describe('a whole agent, asked from afar', () => {
  it('gives a test shot in a shape that is not set, says why a shape cannot be, and takes no frame for it', async () => {
    const { cloud, cameraId, ask } = await openScene();
    const shape = {
      crop: { leftPx: 0, topPx: 0, widthPx: 32, heightPx: 16 },
      rotateDegrees: 90,
      aspect: null,
    };
    const shot = await ask('test-shot', { cameraId, shape });
    expect(shot).toMatchObject({
      result: 'done',
      frameId: null,
      answer: { widthPx: 16, heightPx: 32, sourceWidthPx: 64, sourceHeightPx: 48, score: expect.any(Number) },
    });
    const picture = shot.result === 'done' ? Buffer.from(String(shot.answer.picture), 'base64') : Buffer.alloc(0);
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'jpeg', width: 16, height: 32 });
    const outside = { ...shape, crop: { ...shape.crop, leftPx: 9000 } };
    expect(await ask('test-shot', { cameraId, shape: outside })).toMatchObject({
      result: 'refused',
      code: 'shape.cannot-apply',
      hint: expect.stringContaining('Set the crop anew'),
    });
    expect([...cloud.recorded.values()].filter(({ type }) => type === 'frame.taken')).toEqual([]);
  });

  it('looks for cameras once at a time, with a login that was sealed to it alone', async () => {
    const { ask } = await openScene();
    const sealedPassword = seal('pass', newKeyPair().publicKey, 'discover');
    expect(await ask('discover', { forMs: 500, login: { username: 'u', sealedPassword } })).toMatchObject({
      result: 'refused',
      code: 'seal.cannot-open',
    });
    const [found, busy] = await Promise.all([
      ask('discover', { forMs: 500, login: null }),
      ask('discover', { forMs: 500, login: null }),
    ]);
    expect(found).toMatchObject({ result: 'done', answer: { cameras: expect.any(Array), more: expect.any(Boolean) } });
    expect(busy).toMatchObject({ result: 'refused', code: 'discover.busy' });
  });

  it('shows stills on its own topic while somebody watches, and stores none of them', async () => {
    const { cloud, cameraId, send } = await openScene();
    send('watch-camera', { cameraId, everyMs: 1000, forMs: 2500 });
    await until('two stills are there', () => cloud.stills.length >= 2);
    for (const text of cloud.stills) {
      const { body } = still.parse(JSON.parse(text));
      expect(body).toMatchObject({ result: 'picture', cameraId, widthPx: 64, heightPx: 48 });
      if (body.result !== 'picture') continue;
      expect(await sharp(Buffer.from(body.jpeg, 'base64')).metadata()).toMatchObject({ width: 64, format: 'jpeg' });
    }
    expect([...cloud.recorded.values()].map(({ type }) => type)).not.toContain('frame.taken');
  });

  it('reports its backlog and retries what is set aside', async () => {
    const { ask } = await openScene();
    expect(await ask('report-backlog', {})).toMatchObject({
      result: 'done',
      answer: { frames: 0, bytes: 0, quarantined: 0, quarantinedFrames: [] },
    });
    expect(await ask('retry-quarantine', { frameIds: null })).toMatchObject({ result: 'done', answer: { frames: 0 } });
  });

  it('changes the level of its log', async () => {
    const { agent, ask } = await openScene();
    expect(await ask('set-log-level', { level: 'debug', forMs: 60_000 })).toMatchObject({ result: 'done' });
    expect(agent.level()).toBe('debug');
    await agent.stop();
    expect(agent.level()).toBe('info');
  });

  it('answers, stops clean and wants to be started again', async () => {
    const { folder, cloud, agent, send } = await openScene();
    const id = send('restart', {});
    await agent.ended;
    expect(agent.agent.restartAsked()).toBe(true);
    expect(cloud.statuses.at(-1)?.body.status).toBe('stopped');
    const answers = () => [...cloud.recorded.values()].filter(({ type }) => type === 'command.done');
    expect(answers()).toHaveLength(1);
    // The command is not obeyed again after the restart, even where a broker says it again.
    await openAgent(folder);
    await until('it is back', () => cloud.statuses.at(-1)?.body.status === 'online');
    const again = { v: 1, type: 'restart', id, expiresAt: Date.now() + 60_000, body: {} };
    cloud.publish(topics.agentCommands((await agentOf(folder)).agentId), again);
    cloud.publish(topics.agentCommands((await agentOf(folder)).agentId), {
      ...again,
      type: 'report-backlog',
      id: newCommandId(),
    });
    await until('the next command is answered', () => answers().length === 2);
  });
});

async function agentOf(folder: string): Promise<{ agentId: ReturnType<typeof newAgentId> }> {
  return JSON.parse(await readFile(`${folder}/data/identity.json`, 'utf8'));
}
