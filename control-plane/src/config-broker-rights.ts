/** How an external broker learns who may do what: it asks over HTTP, or it reads what is written for it. */
import path from 'node:path';
import { text } from './config-values.ts';

export const brokerRightsVariables = {
  SLOWLIGHT_BROKER_HTTP_SECRET: text
    .regex(/^\S{16,512}$/, 'must have 16 to 512 characters and no blanks')
    .nullable()
    .default(null),
  SLOWLIGHT_BROKER_RIGHTS_DIR: text.nullable().default(null),
};

export interface BrokerRightsConfig {
  /** What a broker that asks over HTTP must show; null: none may ask. */
  httpSecret: string | null;
  /** Where the files for a Mosquitto are written; null: nowhere. */
  folder: string | null;
}

/** Pure: names what contradicts itself. */
export function arrangeBrokerRights(
  read: {
    SLOWLIGHT_BROKER: 'embedded' | 'external';
    SLOWLIGHT_BROKER_USERNAME: string | null;
    SLOWLIGHT_BROKER_PASSWORD: string | null;
    SLOWLIGHT_BROKER_HTTP_SECRET: string | null;
    SLOWLIGHT_BROKER_RIGHTS_DIR: string | null;
  },
  from: string,
): { brokerRights: BrokerRightsConfig; problems: string[] } {
  const problems: string[] = [];
  const given = read.SLOWLIGHT_BROKER_RIGHTS_DIR;
  const hasLogin = read.SLOWLIGHT_BROKER_USERNAME !== null && read.SLOWLIGHT_BROKER_PASSWORD !== null;
  if (given !== null && read.SLOWLIGHT_BROKER === 'external' && !hasLogin)
    problems.push(
      'SLOWLIGHT_BROKER_USERNAME and SLOWLIGHT_BROKER_PASSWORD are needed, because SLOWLIGHT_BROKER_RIGHTS_DIR is set: the control plane is one of the broker’s users',
    );
  return {
    brokerRights: {
      httpSecret: read.SLOWLIGHT_BROKER_HTTP_SECRET,
      folder: given === null ? null : path.resolve(from, given),
    },
    problems,
  };
}
