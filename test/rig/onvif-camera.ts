/** A camera that answers WS-Discovery (UDP) and a few ONVIF questions (SOAP over HTTP) on 127.0.0.1. */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface OnvifCameraOptions {
  login?: { username: string; password: string };
  /** Answers that no camera should give. */
  fault?: 'foreign-answer' | 'noise' | 'silent';
}

export interface OnvifCamera {
  group: { address: string; port: number };
  serviceUrl: string;
}

/** Goes with the test. */
export async function openOnvifCamera(options: OnvifCameraOptions = {}): Promise<OnvifCamera> {
  const server = http.createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      if (options.fault === 'silent') return;
      const { status, body } = answerTo(Buffer.concat(pieces).toString('utf8'), options);
      response.writeHead(status, { 'Content-Type': 'application/soap+xml' }).end(envelope(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const serviceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/onvif/device_service`;

  const socket = createSocket('udp4');
  socket.on('message', (bytes, { port, address }) => {
    const id = /MessageID>urn:uuid:([^<]+)</.exec(bytes.toString('utf8'))?.[1] ?? '';
    const relatesTo = options.fault === 'foreign-answer' ? '00000000-0000-0000-0000-000000000000' : id;
    const noise = [
      '<ProbeMatch>',
      '\0\xff'.repeat(200),
      '<d:ProbeMatches><d:ProbeMatch></d:ProbeMatch></d:ProbeMatches>',
    ];
    const said = options.fault === 'noise' ? noise : [probeMatch(relatesTo, serviceUrl)];
    for (const text of said) socket.send(text, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(async () => {
    socket.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { group: { address: '127.0.0.1', port: socket.address().port }, serviceUrl };
}

const envelope = (body: string) =>
  `<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>${body}</s:Body></s:Envelope>`;

const probeMatch = (id: string, serviceUrl: string) =>
  `<?xml version="1.0"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><e:Header><w:RelatesTo>uuid:${id}</w:RelatesTo></e:Header><e:Body><d:ProbeMatches><d:ProbeMatch><w:EndpointReference><w:Address>urn:uuid:camera-1</w:Address></w:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/hardware/VC-1 onvif://www.onvif.org/name/North%20gate</d:Scopes><d:XAddrs>${serviceUrl} file:///etc/passwd</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>`;

function answerTo(asked: string, { login }: OnvifCameraOptions): { status: number; body: string } {
  const of = (name: string) => asked.includes(`<${name}`);
  if (of('GetSystemDateAndTime')) {
    const now = new Date();
    const time = `<tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second>`;
    const date = `<tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day>`;
    return ok(
      `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime><tt:Time>${time}</tt:Time><tt:Date>${date}</tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`,
    );
  }
  if (login !== undefined && !isWelcome(asked, login))
    return {
      status: 400,
      body: '<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="en">Sender not Authorized</s:Text></s:Reason></s:Fault>',
    };
  // The media service is named at an address that is not the camera's: nobody must go there.
  if (of('GetCapabilities'))
    return ok(
      '<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media><tt:XAddr>http://169.254.169.254/onvif/media</tt:XAddr></tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>',
    );
  if (of('GetProfiles'))
    return ok(
      `<trt:GetProfilesResponse>${profile('main', 'H264', 1920, 1080)}${profile('sub', 'JPEG', 640, 360)}</trt:GetProfilesResponse>`,
    );
  const token = /ProfileToken>([^<]+)</.exec(asked)?.[1];
  if (of('GetStreamUri'))
    return ok(
      `<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://admin:secret@192.168.1.20:554/${token}</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>`,
    );
  if (of('GetSnapshotUri') && token === 'main')
    return ok(
      '<trt:GetSnapshotUriResponse><trt:MediaUri><tt:Uri>http://192.168.1.20/snap.jpg?a=1&amp;b=2</tt:Uri></trt:MediaUri></trt:GetSnapshotUriResponse>',
    );
  return { status: 500, body: '<s:Fault><s:Reason><s:Text>Not supported</s:Text></s:Reason></s:Fault>' };
}

const ok = (body: string) => ({ status: 200, body });
const profile = (token: string, encoding: string, width: number, height: number) =>
  `<trt:Profiles token="${token}" fixed="true"><tt:Name>${token} stream</tt:Name><tt:VideoEncoderConfiguration token="v"><tt:Encoding>${encoding}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>`;

/** WS-Security UsernameToken 1.0: Base64(SHA-1(nonce + created + password)). */
function isWelcome(asked: string, { username, password }: { username: string; password: string }): boolean {
  const field = (name: string) => new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(asked)?.[1] ?? '';
  const proof = createHash('sha1')
    .update(Buffer.concat([Buffer.from(field('Nonce'), 'base64'), Buffer.from(field('Created') + password)]))
    .digest('base64');
  return field('Username') === username && field('Password') === proof;
}
