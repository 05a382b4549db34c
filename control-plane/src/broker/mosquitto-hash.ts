import { pbkdf2Sync, randomBytes } from 'node:crypto';

const SALT_BYTES = 12;
const HASH_BYTES = 64;
/** What Mosquitto itself takes; the secrets of agents are 256 random bits, which no number of rounds makes safer. */
const ROUNDS = 101;

/**
 * A secret as Mosquitto's password file and its dynamic-security plugin keep it: `$7$rounds$salt$hash`, PBKDF2 with
 * SHA-512, salt and hash in base64. Source: mosquitto_passwd(1), and what that program writes.
 */
export function mosquittoHash(secret: string): string {
  const salt = randomBytes(SALT_BYTES);
  const hash = pbkdf2Sync(secret, salt, ROUNDS, HASH_BYTES, 'sha512');
  return `$7$${ROUNDS}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** Its parts again, as dynamic security wants them; null: this is no such hash. */
export function readMosquittoHash(text: string): { iterations: number; salt: string; password: string } | null {
  const [, rounds, salt, password] = /^\$7\$(\d{1,9})\$([A-Za-z0-9+/=]{4,64})\$([A-Za-z0-9+/=]{88})$/.exec(text) ?? [];
  if (rounds === undefined || salt === undefined || password === undefined) return null;
  return { iterations: Number(rounds), salt, password };
}
