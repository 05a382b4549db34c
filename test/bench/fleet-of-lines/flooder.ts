/** Strangers who flood a broker from a process of their own, each in a way of its own, until they are killed. */
import { connect, type Socket } from 'node:net';

const port = Number(process.argv[2]);
const LINES = Number(process.argv[3]);
const counts = { opened: 0, bytes: 0 };
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function open(): Promise<Socket | null> {
  counts.opened += 1;
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
    socket.on('error', () => {});
  });
}

const write = (socket: Socket, bytes: Buffer) => {
  counts.bytes += bytes.length;
  socket.write(bytes);
};

const text = (value: string) =>
  Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), Buffer.from(value)]);
const wrongLogin = () => {
  const id = `agt-${Math.random().toString(36).slice(2, 18).padEnd(16, '0')}`;
  const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0xc2, 0, 60]), text(id), text(id), text('wrong')]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
};

const WAYS: ((socket: Socket) => Promise<void>)[] = [
  // Says nothing.
  async (socket) => {
    while (!socket.destroyed) await wait(50);
  },
  // A login byte by byte.
  async (socket) => {
    write(socket, Buffer.from([0x10, 0x80, 0x20]));
    while (!socket.destroyed) {
      write(socket, Buffer.alloc(1));
      await wait(100);
    }
  },
  // A login that announces much and sends it.
  async (socket) => {
    write(socket, Buffer.from([0x10, 0xff, 0xff, 0x3f]));
    while (!socket.destroyed) {
      write(socket, Buffer.alloc(4096));
      await wait(1);
    }
  },
  // The largest length that can be said.
  async (socket) => {
    write(socket, Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    while (!socket.destroyed) await wait(5);
  },
  // Wrong logins.
  async (socket) => {
    write(socket, wrongLogin());
    while (!socket.destroyed) await wait(5);
  },
  // No MQTT at all.
  async (socket) => {
    write(socket, Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'));
    while (!socket.destroyed) await wait(5);
  },
];

for (let line = 0; line < LINES; line += 1)
  void (async () => {
    for (;;) {
      const socket = await open();
      if (socket !== null) await WAYS[line % WAYS.length]?.(socket);
      await wait(20);
    }
  })();
setInterval(() => process.send?.(counts), 500);
