/**
 * The agent that runs beside the control plane on the same machine. Promise: after the first start there is a file with
 * which it can log in, readable by this user only; a file that is there keeps its identity and its keys.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type AgentId, agentId } from '@slowlight/protocol';
import { Failure, makeFolderDurably, systemCode, writeDurably } from '@slowlight/protocol/kit';
import { z } from 'zod';
import type { PlaceRecords } from '../ports.ts';

const identity = z.looseObject({
  agentId,
  secret: z.string().min(1),
  brokerUrl: z.string(),
  ca: z.string().nullish(),
});

export type LocalAgent =
  | { kind: 'made' | 'known'; agentId: AgentId }
  /** The file names an agent that these records do not hold: it cannot log in here. */
  | { kind: 'foreign'; agentId: AgentId };

/**
 * @param where `ca`: whom the agent is to trust beside the usual authorities, PEM; null: nobody
 * @throws Failure `local-agent.identity-unreadable` | `local-agent.identity-not-writable`
 */
export async function ensureLocalAgent(
  deps: {
    records: Pick<PlaceRecords, 'createSite' | 'createAgent' | 'agent'>;
    makeSecret: () => { secret: string; secretHash: string; brokerHash: string };
  },
  { file, brokerUrl, ca, timeZone }: { file: string; brokerUrl: string; ca: string | null; timeZone: string },
): Promise<LocalAgent> {
  const { records, makeSecret } = deps;
  const known = await readIdentity(file);
  if (known !== null) {
    if (known.brokerUrl !== brokerUrl || (known.ca ?? null) !== ca)
      await writeIdentity(file, { ...known, brokerUrl, ca });
    const recorded = await records.agent(known.agentId);
    return { kind: recorded === null ? 'foreign' : 'known', agentId: known.agentId };
  }
  await wantFolder(file);
  const { secret, ...hashes } = makeSecret();
  const site = await records.createSite({ name: 'Home', timeZone, latitude: null, longitude: null });
  const agent = await records.createAgent({ siteId: site.id, name: 'This machine', ...hashes });
  await writeIdentity(file, { agentId: agent.id, secret, brokerUrl, ca });
  return { kind: 'made', agentId: agent.id };
}

async function readIdentity(file: string): Promise<z.infer<typeof identity> | null> {
  try {
    return identity.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null;
    throw new Failure({
      code: 'local-agent.identity-unreadable',
      message: `The identity file of the agent on this machine (${path.basename(file)}) cannot be read: ${systemCode(cause) ?? 'it is damaged'}.`,
      hint: 'Give this user the right to read it. If it is damaged, restore it, or move it away to make a new agent.',
      retry: 'never',
      cause,
    });
  }
}

async function wantFolder(file: string): Promise<void> {
  await makeFolderDurably(path.dirname(file)).catch((cause: unknown) => {
    throw notWritable(file, cause);
  });
}

async function writeIdentity(file: string, content: object): Promise<void> {
  try {
    await writeDurably(file, Buffer.from(`${JSON.stringify(content, null, 2)}\n`), 0o600);
  } catch (cause) {
    throw notWritable(file, cause);
  }
}

const notWritable = (file: string, cause: unknown) =>
  new Failure({
    code: 'local-agent.identity-not-writable',
    message: `The identity file of the agent on this machine (${path.basename(file)}) cannot be written: ${systemCode(cause) ?? 'unknown error'}.`,
    hint: 'Give this user the right to write into its folder, or name another file in SLOWLIGHT_LOCAL_AGENT_IDENTITY.',
    retry: 'later',
    cause,
  });
