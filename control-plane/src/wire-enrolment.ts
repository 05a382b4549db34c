/** A chapter of THE PAGE: how agents and people reach this machine encrypted, how agents come in, and how they are kept out. */
import { hostname, networkInterfaces } from 'node:os';
import path from 'node:path';
import { type AgentCommand, type AgentId, agentOfFrame, frameId } from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import { mosquittoHash } from './broker/mosquitto-hash.ts';
import { type Certificates, openCertificates, pinOf } from './certificates/certificates.ts';
import type { Config } from './config.ts';
import { createEnrolment } from './enrolment/enrolment.ts';
import type { Log } from './frame.ts';
import type { EnrolmentDesk, ReceiveUpload } from './http/deps.ts';
import { hashSecret, newSecret } from './http/secrets.ts';
import { dialUrl, listensEverywhere, type OpenBroker, ownAddress } from './open-parts.ts';
import type { Records } from './ports.ts';

const DAY_MS = 86_400_000;

/** A secret of an agent, and what is kept of it. */
export function makeSecret(): { secret: string; secretHash: string; brokerHash: string } {
  const secret = newSecret();
  return { secret, secretHash: hashSecret(secret), brokerHash: mosquittoHash(secret) };
}

/** null: nothing listens encrypted. @throws Failure `certificates.*` */
export async function wireCertificates(
  config: Config,
  world: { clock: Clock; log: Log },
): Promise<Certificates | null> {
  const { tls, http, broker } = config;
  const secured = [http.secure, broker.kind === 'embedded' ? broker.secure : null].filter((one) => one !== null);
  if (secured.length === 0) return null;
  const said = [http.publicUrl, broker.publicUrl].flatMap((url) => (url === null ? [] : [nameIn(url)]));
  const hosts = secured.map(({ host }) => host).filter((host) => !listensEverywhere(host));
  const folder = path.join(config.dataDir, 'certificates');
  const names = () => ['localhost', '127.0.0.1', '::1', hostname(), ...ownAddresses(), ...hosts, ...said, ...tls.names];
  return openCertificates(world, { folder, names, given: tls.given });
}

const nameIn = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** Every grant names the address, and asking the system for it costs as much as recording a frame; it seldom changes. */
const OWN_ADDRESS_MS = 10_000;

/** Asks again only when what it heard last is older than `ms`. */
function keptFor<Value>(ms: number, ask: () => Value, clock: Clock): () => Value {
  let kept: { value: Value; until: number } | null = null;
  return () => {
    const now = clock.monotonicMs();
    if (kept === null || now >= kept.until) kept = { value: ask(), until: now + ms };
    return kept.value;
  };
}

const ownAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ family, internal, address }) => (family === 'IPv4' && !internal ? [address] : []));

export interface EnrolmentParts {
  clock: Clock;
  log: Log;
  records: Records;
  opened: OpenBroker;
  certificates: Certificates | null;
  sendCommand: (agent: AgentId, command: AgentCommand) => Promise<void>;
  tellBroker: () => Promise<void>;
  /** Where the web server listens, as far as it does yet. */
  ports: () => { plain: number; secure: number | null };
}

export function wireEnrolment({ ports, certificates, opened, records, ...world }: EnrolmentParts, config: Config) {
  const { http, credentialDays } = config;
  const authority = certificates?.authority ?? null;

  const own = keptFor(OWN_ADDRESS_MS, ownAddress, world.clock);

  /** Where agents elsewhere find the API and upload their pictures. */
  function webUrl(): string {
    const { plain, secure } = ports();
    if (http.publicUrl !== null) return http.publicUrl;
    if (http.secure !== null && secure !== null) return dialUrl('https', http.secure.host, secure, own());
    return dialUrl('http', http.host, plain, own());
  }

  /** A proxy in front shows a certificate of its own. */
  function isOurs(url: string): boolean {
    const { protocol, port } = new URL(url);
    return protocol === 'https:' && Number(port || 443) === ports().secure;
  }

  const enrolment = createEnrolment(
    {
      ...world,
      records,
      makeSecret,
      reach: () => {
        const url = webUrl();
        const ca = [authority, opened.authority].filter((one) => one !== null).join('');
        const pin = authority !== null && isOurs(url) ? pinOf(authority) : null;
        return { url, brokerUrl: opened.url, pin, ca: ca === '' ? null : ca };
      },
    },
    { rotateAfterMs: credentialDays === 0 ? null : credentialDays * DAY_MS },
  );
  const desk: EnrolmentDesk = {
    ...enrolment,
    show: (request, address) => enrolment.show(request, { tokenHash: hashSecret(request.token), address }),
  };

  return {
    desk,
    webUrl,
    /** Who was revoked is kept out from now on. To be called at the start and after each change of an agent. */
    refresh: async () => opened.setShutOut(await records.shutOutAgents()),
    /** An agent that was revoked uploads nothing more, also with a grant that it has. */
    guardUploads(receive: ReceiveUpload | null): ReceiveUpload | null {
      if (receive === null) return null;
      return async (upload) => {
        const frame = frameId.safeParse(path.posix.basename(upload.key).replace(/\.[a-z]+$/, ''));
        if (!frame.success || !opened.isShutOut(agentOfFrame(frame.data))) return receive(upload);
        return {
          status: 403,
          code: 'upload.revoked',
          detail: 'This agent was revoked.',
          hint: 'Enrol it again if it should deliver.',
        };
      };
    },
    async run(signal: AbortSignal): Promise<void> {
      await Promise.all([enrolment.run(signal), certificates?.run(signal)]);
    },
  };
}
