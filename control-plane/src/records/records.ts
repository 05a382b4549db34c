/** The door of the records: every verb of the port on one database. */
import type { Closing } from '@slowlight/protocol/kit';
import { sql } from 'kysely';
import type { Records } from '../ports.ts';
import { createAgentStatus } from './agent-status.ts';
import { createAgents } from './agents.ts';
import { createCameras } from './cameras.ts';
import { createCommands } from './commands.ts';
import { createCoverage } from './coverage.ts';
import type { Database } from './database.ts';
import { createFaults } from './faults.ts';
import { createFeedRecords } from './feed.ts';
import { createFrames } from './frames.ts';
import { createInbox } from './inbox.ts';
import { createJobs } from './jobs.ts';
import { createPeople } from './people.ts';
import { createPictures } from './pictures.ts';
import { createEvents } from './record-events.ts';
import { createSettings } from './settings.ts';
import { createSites } from './sites.ts';
import { createTimelapses } from './timelapses.ts';
import { createVideos } from './videos.ts';
import { createWatch } from './watch.ts';

/** @param closing closes what was opened for the database; run by `close` */
export function createRecords(database: Database, closing: Closing): Records {
  const watch = createWatch(database);
  closing.push('the watch over the records', watch.close);
  return {
    ...createEvents(database),
    ...createInbox(database),
    ...createPictures(database),
    ...createFaults(database),
    ...createAgentStatus(database),
    ...createSettings(database),
    ...createSites(database),
    ...createAgents(database),
    ...createCameras(database),
    ...createTimelapses(database),
    ...createFrames(database),
    ...createCoverage(database),
    ...createVideos(database),
    ...createCommands(database),
    ...createPeople(database),
    ...createFeedRecords(database, watch),
    ...createJobs(database, watch),

    async totals() {
      return database.db.selectFrom('totals').select(['frames', 'bytes']).executeTakeFirstOrThrow();
    },
    async ping() {
      await sql`select 1`.execute(database.db);
    },
    close: closing.close,
  };
}
