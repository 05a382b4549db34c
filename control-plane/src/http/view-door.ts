import type { FastifyContextConfig, FastifyRequest } from 'fastify';

/** A door through which pictures and films are looked at: that of the house, or that of a link for strangers. */
export interface ViewDoor {
  /** The address before `/:id/…`. */
  base: string;
  config: FastifyContextConfig;
  /** Runs before anything is read. @throws Failure when the request may not have what it names */
  guard: (request: FastifyRequest) => Promise<void>;
  /** Whether whoever asks may see every film there is. */
  seesAll: (request: FastifyRequest) => boolean;
}
