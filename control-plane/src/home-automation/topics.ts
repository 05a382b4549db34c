/** Every topic that is spoken of with the broker of a house, below the root and the prefix of its settings. Pure. */
import {
  type AgentId,
  type CameraId,
  cameraId,
  type HouseId,
  type SiteId,
  type TimelapseId,
} from '@slowlight/protocol';

/** What people may ask of a camera; the last level but one of a command's topic. */
export const COMMANDS = ['capture', 'render', 'paused', 'interval'] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface HomeTopics {
  /** `online`, `stopped`, or (its will) `offline`. */
  status: string;
  houseState: string;
  /** What is said here comes back: proof that this user may speak and hear. */
  echo: string;
  camera(id: CameraId): { state: string; picture: string; answer: string };
  command(id: CameraId, name: CommandName): string;
  agentState(id: AgentId): string;
  siteState(id: SiteId): string;
  timelapseState(id: TimelapseId): string;
  /** @param type such as `frame.captured`, which is `…/events/frame/captured` */
  event(type: string): string;
  /** Anything else of ours, such as alarms. */
  below(path: string): string;
  /** Where Home Assistant says that it has started. */
  birth: string;
  config(node: string): string;
  /** The name of a device in the topic of its configuration; nobody else's begins like ours. */
  node(id: string): string;
  allCommands: string;
  /** Where the broker keeps what we have said: for finding what is left over. */
  kept: readonly string[];
  /** The node of a configuration of ours; null: it is somebody else's. */
  readConfig(topic: string): string | null;
  /** null: no command. */
  readCommand(topic: string): { camera: CameraId; name: CommandName } | null;
}

export function homeTopics(settings: { topicRoot: string; discoveryPrefix: string; houseId: HouseId }): HomeTopics {
  const { topicRoot: root, discoveryPrefix: prefix, houseId } = settings;
  const house = `${root}/houses/${houseId}`;
  const ownNodes = `slowlight_${houseId}`;
  const config = (node: string) => `${prefix}/device/${node}/config`;
  return {
    status: `${house}/status`,
    houseState: `${house}/state`,
    echo: `${house}/echo`,
    camera: (id) => ({
      state: `${root}/cameras/${id}/state`,
      picture: `${root}/cameras/${id}/picture`,
      answer: `${root}/cameras/${id}/answer`,
    }),
    command: (id, name) => `${root}/cameras/${id}/${name}/set`,
    agentState: (id) => `${root}/agents/${id}/state`,
    siteState: (id) => `${root}/sites/${id}/state`,
    timelapseState: (id) => `${root}/timelapses/${id}/state`,
    event: (type) => `${root}/events/${type.replaceAll('.', '/')}`,
    below: (path) => `${root}/${path}`,
    birth: `${prefix}/status`,
    config,
    node: (id) => (id === houseId ? ownNodes : `${ownNodes}_${id}`),
    allCommands: `${root}/cameras/+/+/set`,
    kept: [config('+'), `${root}/+/+/state`],
    readConfig(topic) {
      const node = between(topic, `${prefix}/device/`, '/config');
      return node !== null && (node === ownNodes || node.startsWith(`${ownNodes}_`)) ? node : null;
    },
    readCommand(topic) {
      const [id, name, ...more] = between(topic, `${root}/cameras/`, '/set')?.split('/') ?? [];
      const camera = cameraId.safeParse(id);
      const command = COMMANDS.find((known) => known === name);
      if (!camera.success || command === undefined || more.length > 0) return null;
      return { camera: camera.data, name: command };
    },
  };
}

function between(text: string, before: string, after: string): string | null {
  if (!text.startsWith(before) || !text.endsWith(after) || text.length <= before.length + after.length) return null;
  return text.slice(before.length, -after.length);
}
