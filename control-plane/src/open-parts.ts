/**
 * The parts that can be exchanged by one setting, opened as the settings say. The engines of a larger house are loaded
 * only where they are asked for. Part of THE PAGE.
 */

import { X509Certificate } from 'node:crypto';
import { access, constants, readFile, statfs } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import path from 'node:path';
import type { AgentId } from '@slowlight/protocol';
import { type Clock, Failure, makeFolderDurably, systemCode, toFailure } from '@slowlight/protocol/kit';
import type { Broker } from './broker/broker.ts';
import { createShutOut } from './broker/shut-out.ts';
import type { Certificates } from './certificates/certificates.ts';
import type { Config } from './config.ts';
import type { Log, ObjectStore } from './frame.ts';
import type { ReceiveUpload } from './http/deps.ts';
import type { AgentLogin, Records } from './ports.ts';

interface World {
  clock: Clock;
  log: Log;
}

/** Imports the engines that the settings ask for, and opens none. */
export async function loadParts({ records, objects, broker }: Config): Promise<void> {
  await Promise.all([
    records.kind === 'sqlite'
      ? import('./records/open-sqlite-records.ts')
      : import('./records/open-postgres-records.ts'),
    objects.kind === 'directory'
      ? import('./objects/directory-object-store.ts')
      : import('./objects/s3-object-store.ts'),
    broker.kind === 'embedded' ? import('./broker/embedded-broker.ts') : import('./broker/external-broker.ts'),
  ]);
}

/** @throws Failure `control-plane.data-dir` */
export async function openDataFolder(folder: string): Promise<void> {
  try {
    await makeFolderDurably(folder);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Failure({
      code: 'control-plane.data-dir',
      message: `The data folder ${folder} cannot be used (${systemCode(cause) ?? 'unknown error'}).`,
      hint: 'Give this user the right to write there, or name another folder in SLOWLIGHT_DATA_DIR.',
      retry: 'never',
      cause,
    });
  }
}

/** @throws Failure `records.*` */
export async function openRecords({ records }: Config, { clock }: World): Promise<Records> {
  if (records.kind === 'sqlite') {
    const { openSqliteRecords } = await import('./records/open-sqlite-records.ts');
    return openSqliteRecords({ path: records.path, clock });
  }
  const { openPostgresRecords } = await import('./records/open-postgres-records.ts');
  return openPostgresRecords({ url: records.url, clock });
}

export interface OpenObjects {
  store: ObjectStore;
  /** null: uploads go to the store itself. */
  receiveUpload: ReceiveUpload | null;
  /** How full the disk below it is, bytes; null: it is not on this machine. */
  space: () => Promise<{ freeBytes: number; totalBytes: number } | null>;
  close: () => void;
}

/**
 * @param places `publicUrl`: where agents reach the http room, asked at each grant
 * @throws Failure `object.*`
 */
export async function openObjects(
  { objects }: Config,
  { clock, log }: World,
  places: { signingKeyFile: string; publicUrl: () => string },
): Promise<OpenObjects> {
  if (objects.kind === 'directory') {
    const { openDirectoryObjectStore } = await import('./objects/directory-object-store.ts');
    const store = await openDirectoryObjectStore({ clock }, { folder: objects.folder, ...places });
    const space = async () => {
      const { bavail, blocks, bsize } = await statfs(objects.folder);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    };
    return { store, receiveUpload: store.receiveUpload, space, close: () => {} };
  }
  const { openS3ObjectStore } = await import('./objects/s3-object-store.ts');
  const { region, bucket, accessKey, secretKey, pathStyle } = objects;
  const endpoint = objects.endpoint ?? undefined;
  const options = { endpoint, region, bucket, accessKeyId: accessKey, secretAccessKey: secretKey, pathStyle };
  const store = await openS3ObjectStore({ clock }, options);
  // Nobody waits for it: a store that is away now may be back when the first picture comes. But a wrong key is told at once.
  store.ping().catch((thrown: unknown) => {
    const { message, hint } = toFailure(thrown);
    log.error(
      { reason: message, hint },
      'the object store cannot be used now; agents keep their pictures until it can',
    );
  });
  return { store, receiveUpload: null, space: async () => null, close: store.close };
}

export interface OpenBroker {
  broker: Broker;
  /** What agents elsewhere dial. */
  url: string;
  /** What an agent on this machine dials. */
  localUrl: string;
  /** Who may come in. An external broker keeps its own list. */
  setLogins: (logins: readonly AgentLogin[]) => void;
  agentsConnected: () => number;
  /** Who is connected now; null: an external broker knows, and says it by their wills. */
  connectedAgents: (() => readonly AgentId[]) | null;
  /** Agents of which nothing is heard and to which nothing is said, whatever the broker lets them do. */
  setShutOut: (agents: readonly AgentId[]) => void;
  isShutOut: (agent: AgentId) => boolean;
  /** What agents are to trust at an external broker, PEM; null: what they trust anyway. */
  authority: string | null;
}

/** @throws Failure `broker.*` when the embedded one cannot listen; an external one is connected to in the background */
export async function openBroker(
  { broker: config }: Config,
  { clock, log, certificates }: World & { certificates: Certificates | null },
  will: () => { topic: string; payload: string },
): Promise<OpenBroker> {
  if (config.kind === 'embedded') {
    const { createEmbeddedBroker } = await import('./broker/embedded-broker.ts');
    const { host, port } = config;
    const secure =
      config.secure === null || certificates === null
        ? null
        : { ...config.secure, certificate: certificates.current, onChanged: certificates.onChanged };
    const broker = await createEmbeddedBroker({ log }, { host, port, secure });
    const dial = (own: string) =>
      secure === null || broker.securePort === null
        ? dialUrl('mqtt', host, broker.port, own)
        : dialUrl('mqtts', secure.host, broker.securePort, own);
    const shutOut = createShutOut(broker);
    return {
      broker: shutOut.broker,
      setShutOut: shutOut.set,
      isShutOut: shutOut.has,
      authority: null,
      url: config.publicUrl ?? dial(ownAddress()),
      localUrl: dialUrl('mqtt', host, broker.port, '127.0.0.1'),
      setLogins: broker.setLogins,
      agentsConnected: () => broker.agents().length,
      connectedAgents: broker.agents,
    };
  }
  const { connectExternalBroker } = await import('./broker/external-broker.ts');
  const { url, username, password, publicUrl, caFile } = config;
  const ca = caFile === null ? null : await readAuthority(caFile);
  const clientId = `slowlight-${hostname().slice(0, 30)}-${process.pid}`;
  const broker = connectExternalBroker({ clock, log }, { url, username, password, clientId, ca, will });
  const shutOut = createShutOut(broker);
  return {
    broker: shutOut.broker,
    setShutOut: shutOut.set,
    isShutOut: shutOut.has,
    authority: ca,
    url: publicUrl,
    localUrl: publicUrl,
    setLogins: () => {},
    agentsConnected: () => 0,
    connectedAgents: null,
  };
}

/** PEM text. @throws Failure `broker.authority-unreadable` */
async function readAuthority(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8');
    // TLS would take no notice of anything else.
    new X509Certificate(text);
    return `${text.trim()}\n`;
  } catch (cause) {
    throw new Failure({
      code: 'broker.authority-unreadable',
      message: `The certificates in ${path.basename(file)} cannot be read (${systemCode(cause) ?? 'not PEM'}).`,
      hint: 'Name a file of certificates in PEM that this user may read in SLOWLIGHT_BROKER_CA_FILE.',
      retry: 'never',
      cause,
    });
  }
}

const ANYWHERE = new Set(['0.0.0.0', '::']);
export const listensEverywhere = (host: string): boolean => ANYWHERE.has(host);

/** What to dial to reach something that listens on `host`; `own` is this machine's address, for what listens everywhere. */
export function dialUrl(scheme: string, host: string, port: number, own: string): string {
  const to = listensEverywhere(host) ? own : host;
  return `${scheme}://${to.includes(':') ? `[${to}]` : to}:${port}`;
}

/** The first address of this machine that others can reach; loopback where it has none. */
export function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
