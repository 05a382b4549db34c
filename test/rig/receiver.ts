import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}
export interface Receiver {
  url: string;
  received: Received[];
  /** What is answered from now on; `hang`: nothing ever. */
  answer: { status: number; headers?: Record<string, string> } | 'hang';
}

/** Somebody who takes webhooks and messages over HTTP. Goes with the test. */
export async function openReceiver(): Promise<Receiver> {
  const server = createServer((request, reply) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { url = '', headers } = request;
      receiver.received.push({ path: url, headers, body: Buffer.concat(pieces).toString() });
      if (receiver.answer === 'hang') return;
      reply.writeHead(receiver.answer.status, receiver.answer.headers).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = { url: `http://127.0.0.1:${port}/hook`, received: [], answer: { status: 200 } };
  return receiver;
}
