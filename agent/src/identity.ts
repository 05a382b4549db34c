/**
 * Who this agent is: its name, its login, its key pair, which never leaves the device. `slowlight-agent enroll` writes the
 * file; one that the control plane made by hand has no key pair yet, which is then added here.
 */
import { readFile } from 'node:fs/promises';
import { type AgentId, agentId, type CredentialId, credentialId } from '@slowlight/protocol';
import { Failure, newKeyPair, systemCode, writeDurably } from '@slowlight/protocol/kit';
import { z } from 'zod';

const login = z.object({ secret: z.string().min(16), credentialId: credentialId.optional() });
export type Login = { secret: string; credentialId?: CredentialId | undefined };

const identityFile = z.looseObject({
  agentId,
  ...login.shape,
  brokerUrl: z.url({ protocol: /^mqtts?$/ }),
  /** The login before, as long as the one above has not been used. */
  previous: login.optional(),
  /** Whom to trust beside the usual authorities, PEM. */
  ca: z.string().nullish(),
  /** The lowest number that an event may have: another device may have used those before. */
  firstSeq: z.int().min(1).optional(),
  publicKey: z.string().optional(),
  privateKey: z.string().optional(),
});
export type IdentityFile = z.output<typeof identityFile>;

export interface Identity extends Login {
  agentId: AgentId;
  previous?: Login | undefined;
  brokerUrl: string;
  ca?: string | null | undefined;
  firstSeq?: number | undefined;
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
  // Durable before anybody is told of the key: what is sealed to it must always be readable.
  await writeIdentity(file, complete);
  return complete;
}

/** Durable when it resolves. @throws Failure `identity.not-writable` */
export async function writeIdentity(file: string, identity: IdentityFile): Promise<void> {
  try {
    await writeDurably(file, Buffer.from(`${JSON.stringify(identity, null, 2)}\n`), 0o600);
  } catch (cause) {
    throw new Failure({
      code: 'identity.not-writable',
      message: `the agent's key and login cannot be written to ${file}: ${systemCode(cause) ?? 'unknown error'}`,
      hint: 'Give the agent’s user the right to write this file and its folder.',
      retry: 'later',
      cause,
    });
  }
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
      hint: 'Add an agent in the control plane, and run the command here that it shows: slowlight-agent enroll ….',
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
