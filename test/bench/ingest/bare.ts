/**
 * The reference of the bench `ingest`: an aedes without any rule, which writes what comes in batches of 200 or 10 ms into
 * one SQLite table (FULL), and says after the commit how far each agent is. It reads and checks nothing.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type AgentId, readAgentTopic, topics } from '@slowlight/protocol';
import { Aedes } from 'aedes';
import Sqlite from 'better-sqlite3';

const [file = ''] = process.argv.slice(2);
const sqlite = new Sqlite(file);
sqlite.pragma('journal_mode = WAL');
sqlite.pragma('synchronous = FULL');
sqlite.exec(
  'create table events (agent text not null, seq integer not null, event text not null, primary key (agent, seq))',
);
const insert = sqlite.prepare('insert into events values (?, ?, ?)');

let waiting: { agent: AgentId; payload: string }[] = [];
const counts = new Map<AgentId, number>();
const write = sqlite.transaction((batch: typeof waiting) => {
  for (const { agent, payload } of batch) {
    const seq = (counts.get(agent) ?? 0) + 1;
    counts.set(agent, seq);
    insert.run(agent, seq, payload);
  }
});

const aedes = await Aedes.createBroker();
function flush(): void {
  while (waiting.length > 0) {
    const batch = waiting.slice(0, 200);
    waiting = waiting.slice(200);
    write(batch);
    for (const agent of new Set(batch.map((one) => one.agent))) {
      const payload = Buffer.from(JSON.stringify({ body: { recordedUpTo: counts.get(agent) } }));
      aedes.publish(
        { cmd: 'publish', topic: topics.agentReceipts(agent), payload, qos: 1, retain: false, dup: false },
        () => {},
      );
    }
  }
}
setInterval(flush, 10);
await new Promise<void>((resolve) =>
  aedes.subscribe(
    'slowlight/v1/agents/+/events',
    (packet, done) => {
      const address = readAgentTopic(packet.topic);
      if (address !== null) waiting.push({ agent: address.agent, payload: packet.payload.toString() });
      if (waiting.length >= 200) flush();
      done();
    },
    resolve,
  ),
);
const server = createServer({ noDelay: true }, (socket) => void aedes.handle(socket));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const address = server.address();
process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
process.once('message', () => process.exit(0));
