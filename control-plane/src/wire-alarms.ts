/** A chapter of THE PAGE: alarms, who is told of them, and programs of others that hear the feed. */
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, createOutbound, openSecretBox } from '@slowlight/protocol/kit';
import { type Alarms, createAlarms } from './alarms/alarms.ts';
import type { Certificates } from './certificates/certificates.ts';
import type { Log, ObjectStore } from './frame.ts';
import type { Records } from './ports.ts';

/** As `wire-home.ts` has it: the key under which secrets for others lie in the records. */
const SECRETS_KEY_FILE = 'secrets.key';

/** @throws Failure `secret.key-unusable` */
export async function wireAlarms(
  work: {
    clock: Clock;
    log: Log;
    objects: ObjectStore;
    records: Records;
    certificates: Certificates | null;
    /** Says something to every house; see the room of home automation. */
    say: (path: string, content: object, how: { retain: boolean }) => void;
  },
  options: { dataDir: string; publicUrl: string | null; alarms: boolean; outboundNetworks: readonly string[] },
): Promise<Alarms> {
  const { records, clock, certificates, say } = work;
  const house = await records.houseId();
  return createAlarms(
    {
      ...work,
      box: await openSecretBox(path.join(options.dataDir, SECRETS_KEY_FILE)),
      outbound: createOutbound({ clock }, { allow: options.outboundNetworks }),
      certificateExpiresAt: () => certificates?.expiresAt() ?? null,
      async storage() {
        const disk = await statfs(options.dataDir).catch(() => null);
        return disk && { freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize };
      },
      sayState: (state) => say(`alarms/${house}/state`, { house, ...state }, { retain: true }),
    },
    { publicUrl: options.publicUrl, works: options.alarms },
  );
}
