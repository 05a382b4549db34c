/** RTSP requests as a camera reads them: written apart from the agent's side, so that one proves the other. */
import type { Socket } from 'node:net';

export interface Request {
  method: string;
  url: string;
  headers: Map<string, string>;
  body: string;
}
export type Reply = { status: number; headers?: Record<string, string>; body?: string };

/** Reads requests and `$` frames, however they are cut. */
export function readRtsp(
  socket: Socket,
  answer: (request: Request) => Reply,
  onFrame: (channel: number, frame: Buffer) => void,
) {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest[0] === 0x24) {
        if (rest.length < 4 || rest.length < 4 + rest.readUInt16BE(2)) return;
        const end = 4 + rest.readUInt16BE(2);
        onFrame(rest[1] ?? 0, rest.subarray(0, end));
        rest = rest.subarray(end);
        continue;
      }
      const headEnd = rest.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const [first = '', ...lines] = rest.subarray(0, headEnd).toString('utf8').split('\r\n');
      const headers = new Map(
        lines.map((line) => {
          const colon = line.indexOf(':');
          return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
        }),
      );
      const end = headEnd + 4 + Number(headers.get('content-length') ?? 0);
      if (rest.length < end) return;
      const body = rest.subarray(headEnd + 4, end).toString('utf8');
      rest = rest.subarray(end);
      const [method = '', url = ''] = first.split(' ');
      send(socket, headers.get('cseq') ?? '0', answer({ method, url, headers, body }));
    }
  });
}

function send(socket: Socket, cseq: string, { status, headers = {}, body = '' }: Reply): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  socket.write(
    `RTSP/1.0 ${status} ${status === 200 ? 'OK' : 'No'}\r\nCSeq: ${cseq}\r\n${lines.join('')}${length}\r\n${body}`,
  );
}
