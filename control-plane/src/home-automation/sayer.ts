/** Says what things are like to one broker: reads them, and hands on what is kept there of them. */
import type { AgentId, CameraId, SiteId, TimelapseId } from '@slowlight/protocol';
import { agentDiscovery, cameraDiscovery, type DiscoveryFacts, houseDiscovery } from './discovery.ts';
import { isActive, type Look } from './look.ts';
import type { Mark } from './marks.ts';
import type { Spoken } from './spoken.ts';
import { agentState, cameraState, houseState, siteState, timelapseState } from './states.ts';

export interface SayerDeps {
  look: Look;
  facts: DiscoveryFacts & { topicRoot: string };
  spoken: Spoken;
  /** Whether a camera's newest picture is published at this broker. */
  withPicture: (camera: CameraId) => boolean;
  /** A message that nobody keeps. */
  tell: (topic: string, content: object) => Promise<void>;
}

/** What is marked, without what is marked twice. */
export interface Marked {
  everything: boolean;
  cameras: Set<CameraId>;
  agents: Set<AgentId>;
  /** Agents whose cameras are to be looked at too. */
  withCameras: Set<AgentId>;
  timelapses: Set<TimelapseId>;
  sites: Set<SiteId>;
}

export const nothingMarked = (): Marked => ({
  everything: false,
  cameras: new Set(),
  agents: new Set(),
  withCameras: new Set(),
  timelapses: new Set(),
  sites: new Set(),
});

export function addMark(marked: Marked, mark: Mark): void {
  if (mark.kind === 'everything') marked.everything = true;
  else if (mark.kind === 'camera') marked.cameras.add(mark.id);
  else if (mark.kind === 'timelapse') marked.timelapses.add(mark.id);
  else if (mark.kind === 'site') marked.sites.add(mark.id);
  else {
    marked.agents.add(mark.id);
    if (mark.kind === 'agent') marked.withCameras.add(mark.id);
  }
}

export function createSayer({ look, facts, spoken, withPicture, tell }: SayerDeps) {
  const { topics, house, version } = facts;
  const configOf = (id: string) => topics.config(topics.node(id));

  async function camera(id: CameraId): Promise<void> {
    const { state, picture } = topics.camera(id);
    const seen = await look.camera(id);
    if (seen === null) return await spoken.clear(configOf(id), picture, state);
    const shown = withPicture(id);
    // What says that there is a picture comes before it and goes after it, so that none is ever left that nobody knows of.
    if (!shown && spoken.has(picture)) await spoken.clear(picture);
    await spoken.config(configOf(id), cameraDiscovery(seen, shown, facts));
    await spoken.state(state, cameraState(seen, { house, withPicture: shown }));
    if (!shown) return;
    const { newest } = seen;
    const ready =
      newest?.thumbnail === 'ready' ? newest.id : seen.camera.newest?.thumbnail ? seen.camera.newest.frameId : null;
    if (ready !== null) await spoken.picture(picture, () => look.picture(ready), ready);
  }

  async function agent(id: AgentId): Promise<void> {
    const seen = await look.agent(id);
    if (seen === null) return await spoken.clear(configOf(id), topics.agentState(id));
    await spoken.config(configOf(id), agentDiscovery(seen, facts));
    await spoken.state(topics.agentState(id), agentState(seen, { house, ownVersion: version }));
  }

  async function site(id: SiteId): Promise<void> {
    const seen = await look.site(id);
    if (seen !== null) await spoken.state(topics.siteState(id), siteState(seen, house));
  }

  async function timelapse(id: TimelapseId): Promise<void> {
    const seen = await look.timelapse(id);
    const topic = topics.timelapseState(id);
    if (seen !== null && isActive(seen)) return await spoken.state(topic, timelapseState(seen, house));
    // Its end is told once, and then nothing is kept of it.
    if (seen !== null) await tell(topic, timelapseState(seen, house));
    await spoken.clear(topic);
  }

  return {
    /** Everything that is there, in the order in which Home Assistant wants it: an agent before its cameras. */
    async all(signal: AbortSignal): Promise<void> {
      const there = await look.everything();
      await spoken.config(configOf(house), houseDiscovery(facts));
      await spoken.state(
        topics.houseState,
        houseState(house, { version, url: facts.publicUrl, topicRoot: facts.topicRoot }),
      );
      const rounds = [
        ...there.sites.map((id) => () => site(id)),
        ...there.agents.map((id) => () => agent(id)),
        ...there.cameras.map((id) => () => camera(id)),
        ...there.timelapses.map((id) => () => timelapse(id)),
      ];
      for (const say of rounds) {
        if (signal.aborted) return;
        await say();
      }
    },
    async some(marked: Marked, signal: AbortSignal): Promise<void> {
      for (const id of marked.withCameras) for (const own of await look.camerasOf(id)) marked.cameras.add(own);
      const rounds = [
        ...[...marked.sites].map((id) => () => site(id)),
        ...[...marked.agents].map((id) => () => agent(id)),
        ...[...marked.cameras].map((id) => () => camera(id)),
        ...[...marked.timelapses].map((id) => () => timelapse(id)),
      ];
      for (const say of rounds) {
        if (signal.aborted) return;
        await say();
      }
    },
  };
}
