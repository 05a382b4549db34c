/**
 * Keeps the files that tell a Mosquitto who may come in and do what: `passwords` and `acl`, and `dynamic-security.json` for
 * its plugin.
 *
 * Promise: the files say what the records said last, each whole at any moment; nobody but this user may read the hashes.
 * When it fails: the files of before stay, and agents made since are not let in by that broker; it is told, and tried again
 * with the next change.
 */
import path from 'node:path';
import { makeFolderDurably, toFailure, writeDurably } from '@slowlight/protocol/kit';
import type { Log } from '../frame.ts';
import type { AgentLogin } from '../ports.ts';
import { mosquittoAcl } from './mosquitto-acl.ts';
import { mosquittoHash } from './mosquitto-hash.ts';
import { dynamicSecurity, type MosquittoAgent, mosquittoPasswords } from './mosquitto-rights.ts';

export interface RightsFolderOptions {
  folder: string;
  /** The control plane's own login at the broker. */
  own: { username: string; password: string };
}

/**
 * Pure. Of several credentials of an agent the newest one has the agent's own name, so that whoever was handed it comes in
 * with it at once, and the oldest one, which is the one in use, its second name.
 * @param logins of an agent: oldest first
 */
export function sortLogins(logins: readonly AgentLogin[]): {
  agents: MosquittoAgent[];
  without: AgentLogin['agentId'][];
} {
  const agents: MosquittoAgent[] = [];
  const without: AgentLogin['agentId'][] = [];
  for (const [agentId, own] of Map.groupBy(logins, (login) => login.agentId)) {
    const hashes = own.flatMap(({ brokerHash }) => (brokerHash == null ? [] : [brokerHash]));
    const [hash, before] = [hashes.at(-1), hashes.length > 1 ? hashes[0] : undefined];
    if (hash === undefined) without.push(agentId);
    else agents.push({ agentId, hash, before });
  }
  return { agents, without };
}

export function createRightsFolder({ log }: { log: Log }, { folder, own }: RightsFolderOptions) {
  // Once for the life of the process: a new salt each time would change the files without a reason.
  const controlPlane = { name: own.username, hash: mosquittoHash(own.password) };
  let writing: Promise<void> = Promise.resolve();

  async function write(logins: readonly AgentLogin[]): Promise<void> {
    const { agents, without } = sortLogins(logins);
    const withTwo = agents.flatMap(({ agentId, before }) => (before === undefined ? [] : [agentId]));
    try {
      await makeFolderDurably(folder);
      const files = {
        acl: mosquittoAcl(own.username, withTwo),
        passwords: mosquittoPasswords({ controlPlane, agents }),
        'dynamic-security.json': dynamicSecurity({ controlPlane, agents }),
      };
      for (const [name, text] of Object.entries(files))
        await writeDurably(path.join(folder, name), Buffer.from(text), 0o600);
      log.info({ agents: agents.length }, 'the files for the broker are written');
    } catch (thrown) {
      const { message, hint } = toFailure(thrown);
      log.error(
        { reason: message, hint },
        'the files for the broker cannot be written: agents made now are not let in',
      );
    }
    if (without.length > 0)
      log.warn(
        { agents: without },
        'these agents were made before their secrets were kept as Mosquitto needs them: give each a new credential',
      );
  }

  return {
    /** In the order of the calls; never rejects. */
    write(logins: readonly AgentLogin[]): Promise<void> {
      writing = writing.then(() => write(logins));
      return writing;
    },
  };
}
