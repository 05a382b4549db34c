import { rootCertificates } from 'node:tls';
import { Failure, messageOf, systemCode, withoutCredentials } from '@slowlight/protocol/kit';
import type { MqttClient } from 'mqtt';

export interface ConnectOptions {
  /** `mqtt://` or `mqtts://`. */
  url: string;
  /** Also its client id. */
  username: string;
  secret: string;
  ca: string | null;
  willTopic: string;
  will: string;
}

/**
 * Opens one connection that mqtt.js neither repeats nor queues for.
 * @throws Failure `uplink.unreachable` | `uplink.unauthorised` | `uplink.tls` | `uplink.failed`; the signal's reason
 */
export async function connect(options: ConnectOptions, signal: AbortSignal): Promise<MqttClient> {
  // Loaded when first needed, so that pictures are taken before the line is up.
  const { connect: dial } = await import('mqtt');
  signal.throwIfAborted();
  const client = dial(options.url, {
    protocolVersion: 4,
    clean: true,
    clientId: options.username,
    username: options.username,
    password: options.secret,
    reconnectPeriod: 0,
    connectTimeout: 10_000,
    keepalive: 20,
    queueQoSZero: false,
    resubscribe: false,
    // A cache of every number that a packet may hold: 65,536 buffers, 10 MB, for a handful of packets a second.
    writeCache: false,
    ...(options.ca === null ? {} : { ca: [...rootCertificates, options.ca] }),
    will: { topic: options.willTopic, payload: Buffer.from(options.will), qos: 1, retain: true },
  });
  // For its whole life: an error of the socket is followed by `close`, which is what we look at.
  client.on('error', () => {});
  const giveUp = () => client.end(true);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', reject);
      client.once('close', () =>
        reject(signal.aborted ? signal.reason : new Error('the broker closed the connection')),
      );
    });
    return client;
  } catch (cause) {
    client.end(true);
    if (signal.aborted) throw cause;
    throw translate(cause, options.url);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

const CONNACK_BAD_LOGIN = 4;
const CONNACK_NOT_AUTHORISED = 5;

function translate(cause: unknown, url: string): Failure {
  const at = withoutCredentials(url);
  const answered = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (answered === CONNACK_BAD_LOGIN || answered === CONNACK_NOT_AUTHORISED)
    return new Failure({
      code: 'uplink.unauthorised',
      message: `the broker at ${at} does not know this agent or its secret`,
      hint: 'If it was revoked, or its identity file is an old one: make a token that replaces this agent’s device in the control plane, and run slowlight-agent enroll … --again. With an external broker, look first whether its list of users holds this agent.',
      retry: 'later',
      cause,
    });
  const code = systemCode(cause) ?? '';
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code))
    return new Failure({
      code: 'uplink.tls',
      message: `the certificate of ${at} cannot be trusted: ${messageOf(cause)}`,
      hint: 'Check the broker’s host name and certificate, or name its authority with SLOWLIGHT_AGENT_CA_FILE.',
      retry: 'later',
      cause,
    });
  if (code.startsWith('E') || code === '')
    return new Failure({
      code: 'uplink.unreachable',
      message: `the broker at ${at} cannot be reached: ${messageOf(cause) || code}`,
      hint: 'Pictures go on being taken and kept. Check the network, and that the control plane is running.',
      retry: 'soon',
      cause,
    });
  return new Failure({
    code: 'uplink.failed',
    message: `the connection to ${at} failed: ${messageOf(cause)}`,
    hint: 'Pictures go on being taken and kept; the connection is tried again.',
    retry: 'soon',
    cause,
  });
}
