import { networkInterfaces } from 'node:os';

/** The addresses that this device has now, in all its networks. */
export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
