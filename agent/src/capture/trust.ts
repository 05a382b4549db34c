/** Whom a camera connection may go to, and which certificates are believed. */
import type { Networks } from './networks.ts';

export interface Trust {
  /** Certificates (PEM) that are trusted besides those of the run time, such as a house's own authority. */
  certificates: readonly string[];
  /** SHA-256 of the camera's certificate, 64 hexadecimal digits: this one and no other, whoever signed it. Null: none is pinned. */
  pin: string | null;
  networks: Networks;
}
