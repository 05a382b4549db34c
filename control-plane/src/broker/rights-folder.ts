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
import { dynamicSecurity, mosquittoPasswords } from './mosquitto-rights.ts';

export interface RightsFolderOptions {
  folder: string;
  /** The control plane's own login at the broker. */
  own: { username: string; password: string };
}

export function createRightsFolder({ log }: { log: Log }, { folder, own }: RightsFolderOptions) {
  // Once for the life of the process: a new salt each time would change the files without a reason.
  const controlPlane = { name: own.username, hash: mosquittoHash(own.password) };
  let writing: Promise<void> = Promise.resolve();

  async function write(logins: readonly AgentLogin[]): Promise<void> {
    const hashes = new Map(logins.map(({ agentId, brokerHash }) => [agentId, brokerHash ?? null]));
    const agents = [...hashes].flatMap(([agentId, hash]) => (hash === null ? [] : [{ agentId, hash }]));
    const without = [...hashes].filter(([, hash]) => hash === null).map(([agentId]) => agentId);
    try {
      await makeFolderDurably(folder);
      const files = {
        acl: mosquittoAcl(own.username),
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
