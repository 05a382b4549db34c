import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, safe in URLs, headers and files. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What is stored of a secret: it is random and long, so a fast hash is enough. SHA-256, lower-case hex. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

function drawLetters(count: number): string {
  const drawn: string[] = [];
  while (drawn.length < count)
    for (const byte of randomBytes(32)) {
      // Bytes from the last, incomplete round of letters are left out, so that each letter is as likely.
      const letter = byte < 248 ? LETTERS[byte % LETTERS.length] : undefined;
      if (letter !== undefined && drawn.length < count) drawn.push(letter);
    }
  return drawn.join('').replace(/(.{5})(?=.)/g, '$1-');
}

/** A password that a person can copy from a terminal: 20 letters and digits in groups, about 100 bits. */
export const newPassword = (): string => drawLetters(20);

/** For when the authenticator is lost: about 75 bits. */
export const newRecoveryCode = (): string => drawLetters(15);
