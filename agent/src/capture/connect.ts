/** Opens the line to a camera: plain, or TLS with a checked certificate for `rtsps` and `https`, and never one for the other. */
import { once } from 'node:events';
import net, { isIP, type OnReadOpts, type Socket } from 'node:net';
import tls from 'node:tls';
import { messageOf, systemCode } from '@slowlight/protocol/kit';
import { type CameraAddress, findAddress } from './address.ts';
import { cameraFailure } from './camera-failure.ts';
import type { Networks } from './networks.ts';
import type { Trust } from './trust.ts';

/**
 * @param onread where what comes is read to, in place of the socket's `data`
 * @throws Failure `capture.unreachable` | `refused` | `blocked-address`; the signal's reason when it aborts
 */
export async function connect(
  address: CameraAddress,
  networks: Networks,
  signal: AbortSignal,
  onread?: OnReadOpts,
): Promise<Socket> {
  const ip = await findAddress(address, networks);
  signal.throwIfAborted();
  // Without the signal: it would destroy the line later too, before the camera is told goodbye.
  const socket = net.connect({ host: ip, port: address.port, ...(onread !== undefined && { onread }) });
  // Later faults come as `close`; without a listener they would end the process.
  socket.on('error', () => {});
  try {
    await once(socket, 'connect', { signal });
    socket.setNoDelay(true);
    return socket;
  } catch (cause) {
    socket.destroy();
    signal.throwIfAborted();
    throw translate(cause, address);
  }
}

/** Puts TLS on a line, with the certificate checked. @throws Failure `capture.tls`; the signal's reason when it aborts */
export async function secure(
  socket: Socket,
  { hostname }: CameraAddress,
  { certificates, pin }: Trust,
  signal: AbortSignal,
): Promise<Socket> {
  const line = tls.connect({
    socket,
    host: hostname,
    ...(isIP(hostname) === 0 && { servername: hostname }),
    ca: [...tls.rootCertificates, ...tls.getCACertificates('system'), ...certificates],
    // A pinned certificate is believed for what it is, not for who signed it: it is compared below, before a word is said.
    rejectUnauthorized: pin === null,
    minVersion: 'TLSv1.2',
  });
  line.on('error', () => {});
  const lost = once(socket, 'close', { signal }).then(() => {
    throw new Error('the camera closed the connection');
  });
  lost.catch(() => {});
  try {
    await Promise.race([once(line, 'secureConnect', { signal }), lost]);
    if (pin !== null && fingerprintOf(line) !== normalPin(pin))
      throw new Error('it shows another certificate than the pinned one');
    return line;
  } catch (cause) {
    line.destroy();
    socket.destroy();
    signal.throwIfAborted();
    throw cameraFailure(
      'tls',
      `the camera’s certificate or encryption is not accepted (${messageOf(cause)})`,
      'Give the camera a certificate that this agent trusts, add its authority to the trusted certificates, or pin its fingerprint; it is never asked without.',
      cause,
    );
  }
}

const normalPin = (text: string) => text.replace(/[^0-9a-f]/gi, '').toLowerCase();
const fingerprintOf = (line: tls.TLSSocket) => normalPin(line.getPeerCertificate().fingerprint256 ?? '');

function translate(cause: unknown, { hostname, port }: CameraAddress): unknown {
  const code = systemCode(cause);
  if (code === null) return cause;
  if (code === 'ECONNREFUSED')
    return cameraFailure(
      'refused',
      `nothing listens at ${hostname}, port ${port}`,
      'Check the port (RTSP is mostly 554) and that the stream is switched on in the camera.',
      cause,
    );
  return cameraFailure(
    'unreachable',
    `${hostname} cannot be reached (${code})`,
    'Check the camera’s power and network cable, and its address.',
    cause,
  );
}
