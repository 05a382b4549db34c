/** The encrypted door of the web server: the same routes over TLS 1.2 or newer, the certificate exchanged while it is open. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { translateListenFault } from './listen.ts';

export interface SecureDoorOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** What is shown now, PEM. */
  certificate: () => { key: string; cert: string };
  /** Calls back when another certificate is to be shown. */
  onChanged: (listener: () => void) => () => void;
}

export interface SecureDoor {
  port: number;
  /** Ends idle connections at once; the others when their requests have ended, or with `closeAll`. */
  close(): Promise<void>;
  closeAll(): void;
}

/** @throws Failure `http.port-taken` | `http.cannot-listen` */
export async function openSecureDoor(
  serve: (request: IncomingMessage, response: ServerResponse) => void,
  { host, port, certificate, onChanged, mostIdleMs }: SecureDoorOptions & { mostIdleMs: number },
): Promise<SecureDoor> {
  const server = createServer({ ...certificate(), minVersion: 'TLSv1.2' }, serve);
  server.timeout = mostIdleMs;
  const stop = onChanged(() => server.setSecureContext({ ...certificate(), minVersion: 'TLSv1.2' }));
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    stop();
    throw translateListenFault(cause, { host, port, setting: 'SLOWLIGHT_HTTPS_PORT' });
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      stop();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
    },
    closeAll: () => server.closeAllConnections(),
  };
}
