import { dirname } from 'node:path';
import type { TestContext } from 'vitest';
import { openMosquittoProgram } from './mosquitto-program.ts';
import { type Certificate, makeSelfSigned } from './self-signed.ts';

/** The broker of somebody's house: a real Mosquitto as people have it beside Home Assistant, with one user. */
export interface HouseBroker {
  url: string;
  port: number;
  username: string;
  password: string;
  certificate: Certificate | null;

  stop(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface HouseBrokerOptions {
  tls?: boolean;
  /** Whether retained messages outlive a restart. */
  keeps?: boolean;
  /** Lines of an access list; nothing: the user may do everything. */
  acl?: string;
}

/** On a free port; it goes with the test. */
export async function openHouseBroker(context: TestContext, options: HouseBrokerOptions = {}): Promise<HouseBroker> {
  const program = await openMosquittoProgram(context);
  const { file, port } = program;
  const [username, password] = ['house', 'p@ss: word/#ä'];
  const certificate = options.tls === true ? makeSelfSigned() : null;
  await program.writePasswords('passwords', { [username]: password });
  if (certificate !== null) {
    await program.write('key.pem', certificate.key);
    await program.write('cert.pem', certificate.cert);
  }
  if (options.acl !== undefined) await program.write('acl', options.acl);
  await program.start([
    `password_file ${file('passwords')}`,
    ...(options.acl === undefined ? [] : [`acl_file ${file('acl')}`]),
    ...(certificate === null ? [] : [`certfile ${file('cert.pem')}`, `keyfile ${file('key.pem')}`]),
    ...(options.keeps === true
      ? ['persistence true', `persistence_location ${dirname(file('passwords'))}/`, 'autosave_interval 1']
      : ['persistence false']),
  ]);
  return {
    url: `${certificate === null ? 'mqtt' : 'mqtts'}://127.0.0.1:${port}`,
    port,
    username,
    password,
    certificate,
    start: () => program.start(),
    stop: () => program.end('SIGTERM'),
    kill: () => program.end('SIGKILL'),
  };
}
