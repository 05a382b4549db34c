/** A camera that asks for a login and takes none: RTSP and HTTP on one port, Basic or Digest. It remembers who tried. */
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RefusingCamera {
  port: number;
  /** What stood in the `Authorization` headers, as it came. */
  proofs: string[];
}

export async function openRefusingCamera(scheme: 'basic' | 'digest'): Promise<RefusingCamera> {
  const proofs: string[] = [];
  const challenge =
    scheme === 'basic' ? 'Basic realm="camera"' : 'Digest realm="camera", nonce="0123456789abcdef", algorithm=MD5';
  const server = createServer((socket) => {
    let held = '';
    socket.on('error', () => {});
    socket.on('data', (piece) => {
      held += piece.toString('latin1');
      for (let end = held.indexOf('\r\n\r\n'); end >= 0; end = held.indexOf('\r\n\r\n')) {
        const request = held.slice(0, end);
        held = held.slice(end + 4);
        const proof = /^authorization:\s*(.+)$/im.exec(request)?.[1];
        if (proof !== undefined) proofs.push(proof);
        const sequence = /^cseq:\s*(\d+)/im.exec(request)?.[1];
        const head =
          sequence === undefined
            ? 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 0'
            : `RTSP/1.0 401 Unauthorized\r\nCSeq: ${sequence}`;
        socket.write(`${head}\r\nWWW-Authenticate: ${challenge}\r\n\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, proofs };
}
