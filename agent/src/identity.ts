/** Who this agent is. The control plane makes the file; the key pair is added here and never leaves the device. */
import { readFile } from 'node:fs/promises';
import { type AgentId, agentId } from '@slowlight/protocol';
import { Failure, newKeyPair, systemCode, writeDurably } from '@slowlight/protocol/kit';
import { z } from 'zod';

const identityFile = z.looseObject({
  agentId,
  secret: z.string().min(16),
  brokerUrl: z.url({ protocol: /^mqtts?$/ }),
  publicKey: z.string().optional(),
  privateKey: z.string().optional(),
});

export interface Identity {
  agentId: AgentId;
  secret: string;
  brokerUrl: string;
  /** X25519, raw, base64: camera passwords are sealed to it. */
  publicKey: string;
  privateKey: string;
}

/** @throws Failure `identity.missing` | `identity.unreadable` | `identity.not-writable` */
export async function openIdentity(file: string): Promise<Identity> {
  const found = await readIdentity(file);
  const { publicKey, privateKey } = found;
  if (publicKey !== undefined && privateKey !== undefined) return { ...found, publicKey, privateKey };
  const complete = { ...found, ...newKeyPair() };
  try {
    // Durable before anybody is told of the key: what is sealed to it must always be readable.
    await writeDurably(file, Buffer.from(`${JSON.stringify(complete, null, 2)}\n`), 0o600);
  } catch (cause) {
    throw new Failure({
      code: 'identity.not-writable',
      message: `the agent's key cannot be written to ${file}: ${systemCode(cause) ?? 'unknown error'}`,
      hint: 'Give the agent’s user the right to write this file and its folder.',
      retry: 'later',
      cause,
    });
  }
  return complete;
}

/** As it is, nothing is added: the keys may be missing. @throws Failure `identity.missing` | `identity.unreadable` */
export async function readIdentity(file: string): Promise<z.output<typeof identityFile>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (systemCode(cause) !== 'ENOENT') throw unreadable(file, systemCode(cause) ?? 'unknown error', cause);
    throw new Failure({
      code: 'identity.missing',
      message: `there is no identity file ${file}`,
      hint: 'Create an agent in the control plane and put the file that it gives there (or name it with SLOWLIGHT_AGENT_IDENTITY).',
      retry: 'later',
      cause,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, 'it is not JSON', cause);
  }
  const parsed = identityFile.safeParse(json);
  if (parsed.success) return parsed.data;
  // Only which fields: the file holds secrets.
  const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'everything'))];
  throw unreadable(file, `wrong or missing: ${fields.join(', ')}`, parsed.error);
}

const unreadable = (file: string, why: string, cause: unknown) =>
  new Failure({
    code: 'identity.unreadable',
    message: `the identity file ${file} cannot be used: ${why}`,
    hint: 'Restore it from a copy, or create the agent anew in the control plane and put its new file there.',
    retry: 'never',
    cause,
  });
