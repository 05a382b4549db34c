/** How this control plane is reached from elsewhere: encrypted, unless somebody says that it need not be. */
import path from 'node:path';
import { z } from 'zod';
import { port, text, whole } from './config-values.ts';

export const reachVariables = {
  SLOWLIGHT_TLS: z.enum(['auto', 'on', 'off'], 'must be auto, on or off').default('auto'),
  SLOWLIGHT_HTTPS_PORT: port.default(8443),
  SLOWLIGHT_BROKER_TLS_PORT: port.default(8883),
  SLOWLIGHT_PLAIN: z.enum(['loopback', 'everywhere'], 'must be loopback or everywhere').default('loopback'),
  SLOWLIGHT_TLS_NAMES: text
    .transform((value) => value.split(/[\s,]+/).filter((one) => one !== ''))
    .refine(
      (names) => names.every((one) => /^[a-z0-9.:*-]{1,253}$/i.test(one)),
      'must be host names or IP addresses with commas between, such as slowlight.example.org,192.168.1.10',
    )
    .default([]),
  SLOWLIGHT_TLS_CERT_FILE: text.nullable().default(null),
  SLOWLIGHT_TLS_KEY_FILE: text.nullable().default(null),
  SLOWLIGHT_TLS_CA_FILE: text.nullable().default(null),
  SLOWLIGHT_BROKER_CA_FILE: text.nullable().default(null),
  SLOWLIGHT_CREDENTIAL_DAYS: whole(0, 3650, 'days').default(0),
};
const shape = z.object(reachVariables);
type Read = z.infer<typeof shape> & {
  SLOWLIGHT_HTTP_HOST: string;
  SLOWLIGHT_HTTP_PORT: number;
  SLOWLIGHT_BROKER: 'embedded' | 'external';
  SLOWLIGHT_BROKER_HOST: string;
  SLOWLIGHT_BROKER_PORT: number;
};

/** Where something listens: in plain, and encrypted. */
export interface Reach {
  host: string;
  port: number;
  /** null: not encrypted. */
  secure: { host: string; port: number } | null;
}

export interface TlsConfig {
  /** Names of this machine beside those that it knows itself. */
  names: readonly string[];
  /** Paths. */
  given: { cert: string; key: string; ca: string | null } | null;
}

/** Pure: whether only programs on this machine reach what listens there. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** Pure: where web server and embedded broker listen, and with which certificate; names what contradicts itself. */
export function arrangeReach(
  read: Read,
  folder: string,
): { web: Reach; broker: Reach; tls: TlsConfig; problems: string[] } {
  const problems: string[] = [];
  const { SLOWLIGHT_TLS: tls, SLOWLIGHT_PLAIN: plain } = read;
  const reach = (name: string, host: string, plainPort: number, securePort: number): Reach => {
    const isOpen = !isLoopback(host);
    if (isOpen && tls === 'off' && plain === 'loopback')
      problems.push(
        `${name} is ${host}, and SLOWLIGHT_TLS is off: nobody could come in. Set SLOWLIGHT_PLAIN to everywhere if what stands before it encrypts`,
      );
    const secure = tls === 'on' || (tls === 'auto' && isOpen) ? { host, port: securePort } : null;
    return { host: isOpen && plain === 'loopback' ? '127.0.0.1' : host, port: plainPort, secure };
  };
  const web = reach(
    'SLOWLIGHT_HTTP_HOST',
    read.SLOWLIGHT_HTTP_HOST,
    read.SLOWLIGHT_HTTP_PORT,
    read.SLOWLIGHT_HTTPS_PORT,
  );
  const broker =
    read.SLOWLIGHT_BROKER === 'embedded'
      ? reach(
          'SLOWLIGHT_BROKER_HOST',
          read.SLOWLIGHT_BROKER_HOST,
          read.SLOWLIGHT_BROKER_PORT,
          read.SLOWLIGHT_BROKER_TLS_PORT,
        )
      : { host: '127.0.0.1', port: 0, secure: null };
  const cert = read.SLOWLIGHT_TLS_CERT_FILE;
  const key = read.SLOWLIGHT_TLS_KEY_FILE;
  const ca = read.SLOWLIGHT_TLS_CA_FILE;
  if ((cert === null) !== (key === null))
    problems.push('SLOWLIGHT_TLS_CERT_FILE and SLOWLIGHT_TLS_KEY_FILE are needed together');
  if (cert === null && ca !== null)
    problems.push('SLOWLIGHT_TLS_CA_FILE is of use only with SLOWLIGHT_TLS_CERT_FILE, whose authority it is');
  const at = (file: string) => path.resolve(folder, file);
  const given =
    cert === null || key === null ? null : { cert: at(cert), key: at(key), ca: ca === null ? null : at(ca) };
  return { web, broker, tls: { names: read.SLOWLIGHT_TLS_NAMES, given }, problems };
}
