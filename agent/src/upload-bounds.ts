/**
 * Where uploads may go. Grants come from the control plane, and the pictures are its own: which store it takes them to is
 * its affair. What is not: to have this device speak to others in the house that it stands in. Pure.
 */
import { createNetworks, PRIVATE_NETWORKS } from './capture/networks.ts';

export interface UploadBounds {
  /** Whether an upload may be sent to this IP address. */
  allow(ip: string): boolean;
}

const ITSELF = ['127.0.0.0/8', '::1/128'];

/**
 * Public addresses always; addresses of the house only where the control plane itself is in the house, and those of this
 * device only where it is on this device. What is named in the settings stands in place of all this.
 * @param parts `named`: the networks of the settings, null: none; `peer`: the address where the broker was reached, null: not yet
 */
export function createUploadBounds(parts: {
  named: readonly string[] | null;
  peer: () => string | null;
  own: () => readonly string[];
}): UploadBounds {
  const { named, peer, own } = parts;
  if (named !== null) return createNetworks(named, own);
  const here = createNetworks(ITSELF);
  const house = createNetworks(PRIVATE_NETWORKS);
  const outside = createNetworks(['any']);
  const isHere = (ip: string) => here.allow(ip) || own().includes(ip);
  return {
    allow(ip) {
      const broker = peer();
      if (isHere(ip)) return broker !== null && isHere(broker);
      if (house.allow(ip)) return broker !== null && (house.allow(broker) || isHere(broker));
      return outside.allow(ip);
    },
  };
}
