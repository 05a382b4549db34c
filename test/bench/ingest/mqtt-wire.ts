/**
 * As little of MQTT 3.1.1 as a publisher of a bench needs, so that the figures are the control plane's and not a client
 * library's: CONNECT, SUBSCRIBE, PUBLISH with QoS 1, and what comes back. Source: MQTT 3.1.1, sections 2.2 and 3.
 */
import { connect as dial, type Socket } from 'node:net';

export interface WireClient {
  /** Publishes with QoS 1; gives false when the socket asks for a pause. */
  publish(topic: string, payload: string): boolean;
  end(): void;
}
export interface WireOptions {
  host: string;
  port: number;
  clientId: string;
  password: string;
  subscribe: readonly string[];
  onMessage: (topic: string, payload: Buffer) => void;
  /** The line is gone. */
  onLost?: () => void;
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  const size = Buffer.alloc(2);
  size.writeUInt16BE(bytes.length);
  return Buffer.concat([size, bytes]);
};

function packet(header: number, body: Buffer): Buffer {
  const length: number[] = [];
  for (let rest = body.length; length.length === 0 || rest > 0; rest = Math.floor(rest / 128))
    length.push(rest >= 128 ? (rest % 128) | 0x80 : rest);
  return Buffer.concat([Buffer.from([header, ...length]), body]);
}

/** Resolves when the broker has let the client in and taken its subscriptions. */
export function connectWire({ host, port, clientId, password, ...options }: WireOptions): Promise<WireClient> {
  return new Promise((resolve, reject) => {
    const socket: Socket = dial({ host, port, noDelay: true });
    let nextId = 1;
    let ended = false;
    const takeId = () => {
      nextId = nextId === 65_535 ? 1 : nextId + 1;
      const id = Buffer.alloc(2);
      id.writeUInt16BE(nextId);
      return id;
    };
    const client: WireClient = {
      publish: (topic, payload) =>
        socket.write(packet(0x32, Buffer.concat([text(topic), takeId(), Buffer.from(payload)]))),
      end() {
        ended = true;
        socket.destroy();
      },
    };
    const take = (header: number, body: Buffer) => {
      const kind = header >> 4;
      if (kind === 2) {
        if (body[1] !== 0) return reject(new Error(`the broker refuses the login (${body[1]})`));
        const topics = options.subscribe.map((topic) => Buffer.concat([text(topic), Buffer.from([1])]));
        socket.write(packet(0x82, Buffer.concat([takeId(), ...topics])));
      } else if (kind === 9) {
        resolve(client);
      } else if (kind === 3) {
        const topicEnd = 2 + body.readUInt16BE(0);
        const qos = (header >> 1) & 3;
        if (qos > 0) socket.write(packet(0x40, body.subarray(topicEnd, topicEnd + 2)));
        options.onMessage(body.toString('utf8', 2, topicEnd), body.subarray(topicEnd + (qos > 0 ? 2 : 0)));
      }
    };
    socket.on('connect', () => {
      const flags = Buffer.from([4, 0xc2, 0, 60]);
      socket.write(packet(0x10, Buffer.concat([text('MQTT'), flags, text(clientId), text(clientId), text(password)])));
    });
    socket.on('data', createSplitter(take));
    socket.on('error', reject);
    socket.on('close', () => {
      options.onLost?.();
      if (!ended) reject(new Error('the broker closed the connection'));
    });
  });
}

/** Cuts a stream into packets. */
function createSplitter(take: (header: number, body: Buffer) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (;;) {
      let length = 0;
      let at = 1;
      for (; ; at += 1) {
        const byte = held[at];
        if (byte === undefined) return;
        length += (byte & 0x7f) * 128 ** (at - 1);
        if (byte < 0x80) break;
      }
      const end = at + 1 + length;
      if (held.length < end) return;
      take(held[0] ?? 0, held.subarray(at + 1, end));
      held = held.subarray(end);
    }
  };
}
