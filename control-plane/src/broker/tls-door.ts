/** The encrypted door of the embedded broker: TLS 1.2 or newer, the certificate exchanged while it is open. */
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:tls';

export interface TlsDoorOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** What is shown now, PEM. */
  certificate: () => { key: string; cert: string };
  /** Calls back when another certificate is to be shown. */
  onChanged: (listener: () => void) => () => void;
}

/** A handshake may take this long, ms: a client that says nothing holds a connection. */
const HANDSHAKE_MS = 10_000;

/**
 * @param handlers `admit` is asked as soon as a connection is there, before a byte of the handshake is looked at: false, and it
 * is closed already; `serve` gets it when it is encrypted
 */
export function createTlsDoor(
  { certificate, onChanged }: TlsDoorOptions,
  handlers: { admit: (socket: Socket) => boolean; serve: (socket: Socket) => void },
): Server {
  const { key, cert } = certificate();
  const server = createServer(
    { key, cert, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS, noDelay: true },
    handlers.serve,
  );
  server.prependListener('connection', handlers.admit);
  // A client that does not trust us, or speaks something else, is closed by the library and is nobody's fault here.
  server.on('tlsClientError', () => {});
  const stop = onChanged(() => {
    const next = certificate();
    server.setSecureContext({ key: next.key, cert: next.cert, minVersion: 'TLSv1.2' });
  });
  server.once('close', stop);
  return server;
}
