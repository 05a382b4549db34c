/** A chapter of THE PAGE: who may come in and do what, told to whichever broker there is. */
import { createBrokerDoor, same } from './broker/door.ts';
import { createRightsFolder } from './broker/rights-folder.ts';
import type { Config } from './config.ts';
import type { Log } from './frame.ts';
import type { BrokerAsks } from './http/deps.ts';
import type { AgentLogin, Records } from './ports.ts';

export interface BrokerRights {
  /** What the records say now holds from now on. To be called at the start and after each change of an agent. */
  refresh(): Promise<void>;
  /** For a broker that asks over HTTP; null: none may. */
  asks: BrokerAsks | null;
}

export function wireBrokerRights(
  {
    log,
    records,
    setLogins,
  }: { log: Log; records: Pick<Records, 'agentLogins'>; setLogins: (logins: AgentLogin[]) => void },
  { broker, brokerRights: { httpSecret, folder } }: Pick<Config, 'broker' | 'brokerRights'>,
): BrokerRights {
  const own =
    broker.kind === 'external' && broker.username !== null && broker.password !== null
      ? { username: broker.username, password: broker.password }
      : null;
  const door = createBrokerDoor(own);
  const files = folder === null || own === null ? null : createRightsFolder({ log }, { folder, own });
  if (folder !== null && files === null)
    log.warn({}, 'SLOWLIGHT_BROKER_RIGHTS_DIR is of use only with an external broker: nothing is written there');
  return {
    async refresh() {
      const logins = await records.agentLogins();
      setLogins(logins);
      door.setLogins(logins);
      await files?.write(logins);
    },
    asks: httpSecret === null ? null : { door, isSecret: (given) => same(given, httpSecret) },
  };
}
