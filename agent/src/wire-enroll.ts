/** The page's chapter on enrolling: a device without a name becomes an agent, and an agent takes another login. */
import { readFile } from 'node:fs/promises';
import { arch, hostname, platform, release } from 'node:os';
import path from 'node:path';
import type { AgentLoginGiven } from '@slowlight/protocol';
import { certificatePin, enrolmentToken } from '@slowlight/protocol';
import {
  Failure,
  type KeyPair,
  makeFolderDurably,
  newKeyPair,
  removeDurably,
  systemCode,
  writeDurably,
} from '@slowlight/protocol/kit';
import { z } from 'zod';
import { hasBuffer } from './buffer/read-buffer.ts';
import type { EnrollAsked } from './cli/arguments.ts';
import { askPassword } from './cli/ask-password.ts';
import type { AgentConfig } from './config.ts';
import { enroll } from './enrolment/enroll.ts';
import { askToEnrol, readAddress, type Trust } from './enrolment/exchange.ts';
import { findPinned } from './enrolment/trust.ts';
import { readIdentity, writeIdentity } from './identity.ts';
import { readCertificates } from './open-files.ts';
import { VERSION } from './version.ts';
import type { CliWorld } from './wire-cli.ts';
import { identityFile } from './wire-cli-cameras.ts';

const keysFile = z.object({ publicKey: z.string(), privateKey: z.string() });

/** Gives the exit code. @throws Failure what went wrong, with what to do */
export async function enrollDevice(asked: EnrollAsked, config: AgentConfig, world: CliWorld): Promise<number> {
  const { clock, output, prompt } = world;
  const { signal } = new AbortController();
  const folder = path.resolve(config.dataFolder);
  const file = identityFile(config, folder);
  const pending = `${file}.enrolling`;
  const say = (words: string, json: object) => output.write(asked.json ? `${JSON.stringify(json)}\n` : `${words}\n`);

  const known = await readKnown(file);
  const begun = await readKeys(pending);
  if (known !== null && !asked.again) {
    // The power went after the login was written down: nothing is left to do.
    if (begun === null || begun.publicKey !== known.publicKey) throw already(file, known.agentId);
    await removeDurably(pending);
    say(`This device is enrolled already, as ${known.agentId}.`, { kind: 'enrolled', agentId: known.agentId });
    return 0;
  }
  if (known === null && hasBuffer(folder)) throw foreignBuffer(folder);

  const url = readAddress(asked.url);
  const token = await tokenOf(asked, world);
  const trust = await trustOf(url, asked, config, { clock, signal });
  await makeFolderDurably(folder);
  const login = await enroll(
    {
      clock,
      async keys() {
        const keys = begun ?? keysOf(known) ?? newKeyPair();
        await writeDurably(pending, Buffer.from(`${JSON.stringify(keys)}\n`), 0o600);
        return keys;
      },
      ask: (request) => askToEnrol({ url, trust }, request, { clock, signal }),
      async store({ agentId, credentialId, secret, brokerUrl, ca, firstSeq }: AgentLoginGiven, keys) {
        if (known !== null && known.agentId !== agentId) throw already(file, known.agentId);
        await writeIdentity(file, { agentId, credentialId, secret, brokerUrl, ca, firstSeq, ...keys });
        await removeDurably(pending);
      },
      tell: (words) => void prompt.write(`${words}\n`),
    },
    { token, device: { name: hostname().slice(0, 120) || 'device', version: VERSION, system: systemName() } },
    signal,
  );
  say(
    `This device is now ${login.agentId}, and its login is in ${file}. Start the agent: it connects to ${login.brokerUrl}.`,
    { kind: 'enrolled', agentId: login.agentId, brokerUrl: login.brokerUrl },
  );
  return 0;
}

const systemName = (): string => `${platform()} ${release()} ${arch()}`.slice(0, 120);

async function tokenOf({ token }: EnrollAsked, world: CliWorld): Promise<string> {
  const given = token === null || token === '-' ? await askPassword('Token: ', world) : token;
  const read = enrolmentToken.safeParse(given.trim());
  if (read.success) return read.data;
  throw new Failure({
    code: 'enroll.wrong-token',
    message: 'that is not a whole token: it has 43 letters, digits, dashes and underscores',
    hint: 'Copy it again from the control plane.',
    retry: 'never',
  });
}

async function trustOf(
  url: URL,
  { pin, caFile }: EnrollAsked,
  config: AgentConfig,
  how: Parameters<typeof findPinned>[2],
): Promise<Trust> {
  if (pin !== null && url.protocol === 'https:') {
    const read = certificatePin.safeParse(pin.toLowerCase().replace(/(?<=.{7}.*):/g, ''));
    if (!read.success)
      throw new Failure({
        code: 'enroll.wrong-pin',
        message: `${pin.slice(0, 80)} is not a pin such as sha256:4f1c… with 64 digits`,
        hint: 'Copy the whole command again from the control plane.',
        retry: 'never',
      });
    return { ca: await findPinned(url, read.data, how), only: true };
  }
  const file = caFile ?? config.caFile;
  const named = caFile === null ? undefined : '--ca-file';
  return { ca: file === null ? null : await readCertificates(file, named), only: false };
}

/** Who this device is already; null: nobody yet. */
async function readKnown(file: string) {
  try {
    return await readIdentity(file);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === 'identity.missing') return null;
    throw thrown;
  }
}

const keysOf = (known: { publicKey?: string | undefined; privateKey?: string | undefined } | null): KeyPair | null =>
  known?.publicKey === undefined || known.privateKey === undefined
    ? null
    : { publicKey: known.publicKey, privateKey: known.privateKey };

async function readKeys(file: string): Promise<KeyPair | null> {
  try {
    return keysFile.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    // Written whole or not at all: what cannot be read is none of ours, and a new key does no harm before the login.
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === null) return null;
    throw cause;
  }
}

const already = (file: string, agentId: string): Failure =>
  new Failure({
    code: 'enroll.already',
    message: `this device is enrolled already, as ${agentId}`,
    hint: `Give it another login for the same agent with --again and a token that replaces this agent, or move ${file} and the data directory away to make it a new one.`,
    retry: 'never',
  });

const foreignBuffer = (folder: string): Failure =>
  new Failure({
    code: 'enroll.buffer-there',
    message: `the data directory ${folder} holds the pictures of an agent whose identity file is gone`,
    hint: 'Put its identity file back and use --again, or move the directory away: what it holds and has not delivered stays in it.',
    retry: 'never',
  });
