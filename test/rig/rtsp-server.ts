/**
 * A real RTSP 1.0 server (RFC 2326), over TCP or UDP. Publishers (ANNOUNCE, SETUP, RECORD) come in at a door of their own on
 * 127.0.0.1; viewers (DESCRIBE, SETUP, PLAY) at another, which may ask for a login, speak TLS, or have a fault. Viewers get
 * the packets from when they play, so they join in the middle of a GOP, as with a camera.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { type CameraLogin, challenge, isWelcome } from './rtsp-login.ts';
import { type Reply, type Request, readRtsp } from './rtsp-requests.ts';
import { openUdpViewer, type UdpTrouble, type UdpViewer } from './rtsp-udp.ts';

/** What the viewers' door does wrong. */
export type RtspFault =
  | 'silent'
  | 'notFound'
  | 'noVideo'
  | 'stall'
  | 'lossy'
  | 'notRtsp'
  | 'forbidden'
  | 'busy'
  | 'garbage';

export interface RtspServerOptions {
  login?: CameraLogin;
  fault?: RtspFault;
  /** With the fault `stall`: how long packets flow before they stop. */
  stallAfterMs?: number;
  tls?: { key: string; cert: string };
  /** How the SDP names its tracks: as cameras do, relative or with whole addresses. */
  controls?: 'relative' | 'absolute';
  /** False: SPS and PPS stand in the stream alone. */
  parametersInSdp?: boolean;
  /** How packets travel to viewers; the other way is refused (461). Default: TCP. */
  transport?: 'tcp' | 'udp';
  /** Who publishes anew takes over the viewers, on their connections: as a camera that is set to another picture. */
  carryOver?: boolean;
  /** What happens to packets over UDP. */
  udpTrouble?: UdpTrouble;
}

export interface RtspServer {
  /** Where a viewer connects. */
  url(path: string): string;
  publishUrl(path: string): string;
  /** Resolves when somebody publishes on this path. */
  published(path: string): Promise<void>;
  /** Viewers that are connected now. */
  viewers(): number;
  /** Connections of viewers so far. */
  visits(): number;
  /** The methods that viewers asked, in order. */
  asked(): readonly string[];
  /** How often viewers have told what they received (RTCP over TCP). */
  reports(): number;
  /** Bytes that wait for the slowest viewer. */
  longestQueueBytes(): number;
  close(): Promise<void>;
}

interface Stream {
  sdp: string;
  viewers: Set<Viewer>;
}
interface Viewer {
  socket: Socket;
  /** Track number → the first of its two channels. */
  channels: Map<number, number>;
  playing: boolean;
  udp: UdpViewer | null;
}
/** A viewer that is this far behind is cut off, bytes. */
const MOST_BEHIND = 16 * 1024 * 1024;

export async function startRtspServer(options: RtspServerOptions = {}): Promise<RtspServer> {
  const streams = new Map<string, Stream>();
  const waiting = new Map<string, () => void>();
  const sockets = new Set<Socket>();
  const viewers = new Set<Socket>();
  let visits = 0;
  let reports = 0;
  let nonce = randomBytes(12).toString('hex');
  let nonceUses = 0;
  const asked: string[] = [];

  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
  };

  const publishers = net.createServer((socket) => {
    keep(socket);
    let stream: Stream | undefined;
    let fullPackets = 0;
    socket.on('close', () => {
      for (const viewer of stream?.viewers ?? []) viewer.socket.destroy();
    });
    readRtsp(
      socket,
      (request) => {
        if (request.method === 'ANNOUNCE') {
          const sdp = options.parametersInSdp === false ? request.body.replace(/;? ?sprop-[^;\r]*/g, '') : request.body;
          const before = streams.get(pathOf(request.url));
          stream = { sdp, viewers: new Set(options.carryOver ? before?.viewers : []) };
          if (options.carryOver) before?.viewers.clear();
          streams.set(pathOf(request.url), stream);
        }
        const transport = request.headers.get('transport');
        if (request.method === 'RECORD') setImmediate(() => waiting.get(pathOf(request.url))?.());
        return { status: 200, headers: { Session: 'publisher', ...(transport && { Transport: transport }) } };
      },
      (channel, frame) => {
        // As over UDP or a bad switch: pictures arrive with holes. Only large pictures have full packets.
        if (frame.length > 1000) fullPackets += 1;
        if (options.fault === 'lossy' && frame.length > 1000 && fullPackets % 6 === 0) return;
        // RTP and the heads of the NAL units stay; what they hold is no picture.
        if (options.fault === 'garbage' && frame.length > 100) frame.fill(0xa5, 20);
        for (const viewer of stream?.viewers ?? []) relay(viewer, channel, frame);
      },
    );
  });

  const welcome = (socket: Socket) => {
    keep(socket);
    visits += 1;
    viewers.add(socket);
    socket.on('close', () => viewers.delete(socket));
    if (options.fault === 'silent') return void socket.resume();
    if (options.fault === 'notRtsp') {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'));
      return;
    }
    const viewer: Viewer = { socket, channels: new Map(), playing: false, udp: null };
    let stream: Stream | undefined;
    socket.on('close', () => {
      for (const one of streams.values()) one.viewers.delete(viewer);
      viewer.udp?.close();
    });
    readRtsp(
      socket,
      (request) => {
        asked.push(request.method);
        if (request.method === 'OPTIONS') return { status: 200, headers: { Public: METHODS } };
        if (options.login?.nonceLasts !== undefined && request.headers.has('authorization')) nonceUses += 1;
        const stale = nonceUses > (options.login?.nonceLasts ?? Number.POSITIVE_INFINITY);
        if (stale) {
          nonce = randomBytes(12).toString('hex');
          nonceUses = 0;
        }
        if (options.login && !isWelcome(request, options.login, nonce))
          return {
            status: 401,
            headers: { 'WWW-Authenticate': challenge(options.login.scheme, nonce) + (stale ? ', stale=TRUE' : '') },
          };
        if (options.fault === 'forbidden') return { status: 403 };
        if (options.fault === 'busy') return { status: 453 };
        stream = [...streams].find(([path]) => pathOf(request.url).startsWith(path))?.[1];
        if (options.fault === 'noVideo' && request.method === 'DESCRIBE') return describe(request.url, AUDIO_ONLY);
        if (stream === undefined || options.fault === 'notFound') return { status: 404 };
        return answerViewer(request, viewer, stream, options);
      },
      (channel) => {
        if (channel % 2 === 1) reports += 1;
      },
    );
  };
  const front = options.tls
    ? tls.createServer({ key: options.tls.key, cert: options.tls.cert }, welcome)
    : net.createServer(welcome);
  front.on('tlsClientError', () => {});
  // The raw sockets below TLS must not outlive the server either.
  front.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  for (const server of [publishers, front]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const port = (server: net.Server) => (server.address() as AddressInfo).port;
  const scheme = options.tls ? 'rtsps' : 'rtsp';
  return {
    url: (path) => `${scheme}://127.0.0.1:${port(front)}${path}`,
    publishUrl: (path) => `rtsp://127.0.0.1:${port(publishers)}${path}`,
    published: (path) => new Promise((resolve) => waiting.set(path, resolve)),
    viewers: () => viewers.size,
    visits: () => visits,
    asked: () => asked,
    reports: () => reports,
    longestQueueBytes: () => Math.max(0, ...Array.from(viewers, (socket) => socket.writableLength)),
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([publishers, front].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN';
const AUDIO_ONLY = [
  'v=0',
  'o=- 0 0 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'm=audio 0 RTP/AVP 0',
  'a=control:track0',
  '',
].join('\r\n');

function answerViewer(request: Request, viewer: Viewer, stream: Stream, options: RtspServerOptions): Reply {
  if (request.method === 'DESCRIBE') {
    const sdp =
      options.controls === 'absolute'
        ? stream.sdp.replace(/a=control:streamid/g, `a=control:${request.url}/streamid`)
        : stream.sdp;
    return describe(request.url, sdp);
  }
  if (request.method === 'SETUP') {
    const transport = request.headers.get('transport') ?? '';
    if (options.transport === 'udp') {
      viewer.udp = openUdpViewer(transport, options.udpTrouble);
      return viewer.udp?.reply ?? { status: 461 };
    }
    const channel = /RTP\/AVP\/TCP.*interleaved=(\d+)/.exec(transport)?.[1];
    const track = /streamid=(\d+)$/.exec(request.url)?.[1];
    if (channel === undefined || track === undefined) return { status: 461 };
    viewer.channels.set(Number(track), Number(channel));
    return { status: 200, headers: { Transport: transport, Session: 'viewer;timeout=60' } };
  }
  if (request.headers.get('session')?.startsWith('viewer') !== true) return { status: 454 };
  if (request.method === 'PLAY') {
    viewer.playing = true;
    stream.viewers.add(viewer);
    if (options.fault === 'stall') {
      const timer = setTimeout(() => stream.viewers.delete(viewer), options.stallAfterMs ?? 1500);
      viewer.socket.on('close', () => clearTimeout(timer));
    }
    return { status: 200, headers: { Session: 'viewer', 'RTP-Info': `url=${request.url}/streamid=0;seq=1` } };
  }
  if (request.method === 'TEARDOWN') setImmediate(() => viewer.socket.end());
  return { status: 200, headers: { Session: 'viewer' } };
}

const describe = (url: string, sdp: string): Reply => ({
  status: 200,
  headers: { 'Content-Type': 'application/sdp', 'Content-Base': `${url}/` },
  body: sdp,
});

function relay(viewer: Viewer, channel: number, frame: Buffer): void {
  viewer.udp?.send(channel, frame);
  const own = viewer.channels.get(channel >> 1);
  if (own === undefined) return;
  if (viewer.socket.writableLength > MOST_BEHIND) return void viewer.socket.destroy();
  const copy = Buffer.from(frame);
  copy[1] = own + (channel & 1);
  viewer.socket.write(copy);
}

function pathOf(url: string): string {
  return URL.parse(url)?.pathname ?? '/';
}
