import {
  createRtspReader,
  header,
  type RtspMessage,
  writeRequest,
  writeResponse,
} from '@slowlight/agent/src/capture/rtsp/message.ts';
import { describe, expect, it } from 'vitest';

const packet = (channel: number, payload: string) =>
  Buffer.concat([Buffer.from([0x24, channel, payload.length >> 8, payload.length & 255]), Buffer.from(payload)]);

const stream = Buffer.concat([
  Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nv=0\r\n'),
  packet(0, 'rtp \r\n\r\n with line ends'),
  Buffer.from('\r\n'),
  packet(1, ''),
  Buffer.from(
    'RTSP/1.0 401\r\nWWW-Authenticate: Basic realm="a"\r\nwww-authenticate: Digest realm="b",\r\n nonce="c"\r\n\r\n',
  ),
  Buffer.from('OPTIONS rtsp://x/y RTSP/1.0\r\nCSeq: 7\r\n\r\n'),
  packet(2, '$RTSP/1.0 200 OK\r\n\r\n'),
]);

function brief(message: RtspMessage): string {
  if (message.kind === 'packet') return `packet ${message.channel} ${message.bytes.subarray(4)}`;
  if (message.kind === 'request') return `${message.method} ${message.url} ${header(message.headers, 'CSeq')}`;
  return `${message.status} ${message.headers.get('www-authenticate')?.join(' | ')} ${message.body}`;
}

const whole = [
  '200 undefined v=0\r\n',
  'packet 0 rtp \r\n\r\n with line ends',
  'packet 1 ',
  '401 Basic realm="a" | Digest realm="b", nonce="c" ',
  'OPTIONS rtsp://x/y 7',
  'packet 2 $RTSP/1.0 200 OK\r\n\r\n',
];

describe('the reader of RTSP', () => {
  it('reads text and packets the same wherever the network cuts them in two', () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const reader = createRtspReader();
      const messages = [...reader.read(stream.subarray(0, cut)), ...reader.read(stream.subarray(cut))];
      expect(messages.map(brief)).toEqual(whole);
    }
  });

  it.each([1, 2, 3, 5, 17])('reads pieces of %i bytes', (size) => {
    const reader = createRtspReader();
    const messages: RtspMessage[] = [];
    for (let at = 0; at < stream.length; at += size) messages.push(...reader.read(stream.subarray(at, at + size)));
    expect(messages.map(brief)).toEqual(whole);
  });

  it.each([
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['an SSH server', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a mail server', '220 mail.example ESMTP\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01'],
    ['an impossible length', 'RTSP/1.0 200 OK\r\nContent-Length: 99999999999\r\n\r\n'],
    ['a negative length', 'RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a head without an end', `RTSP/1.0 200 OK\r\n${'A: b\r\n'.repeat(20_000)}`],
  ])('says at once that %s is not RTSP', (_, text) => {
    expect(() => createRtspReader().read(Buffer.from(text, 'latin1'))).toThrow(RangeError);
  });

  it('reads back what it wrote, and no value can smuggle a line in', () => {
    const bytes = Buffer.concat([
      writeRequest({ method: 'SETUP', url: 'rtsp://x/t', headers: { CSeq: '3\r\nEvil: yes', Session: null } }),
      writeResponse({ status: 200, reason: 'OK', headers: { CSeq: '4' }, body: 'grün' }),
    ]);
    const [request, response] = createRtspReader().read(bytes);
    expect(request).toMatchObject({ kind: 'request', method: 'SETUP', url: 'rtsp://x/t' });
    expect(request?.kind === 'request' && [...request.headers.keys()]).toEqual(['cseq']);
    expect(response?.kind === 'response' && response.body.toString()).toBe('grün');
  });
});
