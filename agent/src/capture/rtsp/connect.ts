/** Opens the line to a camera: plain for `rtsp`, TLS with a checked certificate for `rtsps`, and never one for the other. */
import { once } from 'node:events';
import net, { isIP, type Socket } from 'node:net';
import tls from 'node:tls';
import { messageOf, systemCode } from '@slowlight/protocol/kit';
import { cameraFailure } from '../camera-failure.ts';
import { type CameraAddress, findAddress } from './address.ts';

export interface SecureOptions {
  /** Certificates (PEM) that are trusted besides those of the system, such as a house's own authority. */
  certificates: readonly string[];
  signal: AbortSignal;
}

/** @throws Failure `capture.unreachable` | `refused` | `blocked-address`; the signal's reason when it aborts */
export async function connect(address: CameraAddress, signal: AbortSignal): Promise<Socket> {
  const ip = await findAddress(address);
  signal.throwIfAborted();
  // Without the signal: it would destroy the line later too, before the camera is told goodbye.
  const socket = net.connect({ host: ip, port: address.port });
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
export async function secure(socket: Socket, { hostname }: CameraAddress, options: SecureOptions): Promise<Socket> {
  const { certificates, signal } = options;
  const line = tls.connect({
    socket,
    host: hostname,
    ...(isIP(hostname) === 0 && { servername: hostname }),
    ...(certificates.length > 0 && { ca: [...tls.rootCertificates, ...certificates] }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  });
  line.on('error', () => {});
  const lost = once(socket, 'close', { signal }).then(() => {
    throw new Error('the camera closed the connection');
  });
  lost.catch(() => {});
  try {
    await Promise.race([once(line, 'secureConnect', { signal }), lost]);
    return line;
  } catch (cause) {
    line.destroy();
    socket.destroy();
    signal.throwIfAborted();
    throw cameraFailure(
      'tls',
      `the camera’s certificate or encryption is not accepted (${messageOf(cause)})`,
      'Give the camera a certificate that this agent trusts, or add its authority to the trusted certificates; it is never asked without.',
      cause,
    );
  }
}

function translate(cause: unknown, { hostname, port }: CameraAddress): unknown {
  const code = systemCode(cause);
  if (code === null) return cause;
  if (code === 'ECONNREFUSED')
    return cameraFailure(
      'refused',
      `nothing listens at ${hostname}, port ${port}`,
      'Check the port (RTSP is mostly 554) and that RTSP is switched on in the camera.',
      cause,
    );
  return cameraFailure(
    'unreachable',
    `${hostname} cannot be reached (${code})`,
    'Check the camera’s power and network cable, and its address.',
    cause,
  );
}
