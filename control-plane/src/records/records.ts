/** The door of the records: every verb of the port on one database. */
import type { Closing } from '@slowlight/protocol/kit';
import { sql } from 'kysely';
import type { Records } from '../ports.ts';
import { createAgentStatus } from './agent-status.ts';
import { createAgents } from './agents.ts';
import { createAssets } from './assets.ts';
import { createCameras } from './cameras.ts';
import { createCommands } from './commands.ts';
import { createCoverage } from './coverage.ts';
import type { Database } from './database.ts';
import { createFaults } from './faults.ts';
import { createFeedRecords } from './feed.ts';
import { createFrames } from './frames.ts';
import { createInbox } from './inbox.ts';
import { createJobs } from './jobs.ts';
import { createLedger } from './ledger.ts';
import { createLedgerDays } from './ledger-days.ts';
import { createOverlayFacts } from './overlay-facts.ts';
import { createOverlayTemplates } from './overlay-templates.ts';
import { createOverlays } from './overlays.ts';
import { createPeople } from './people.ts';
import { createPictures } from './pictures.ts';
import { createReconcile } from './reconcile.ts';
import { createEvents } from './record-events.ts';
import { createRetention } from './retention.ts';
import { createSegmentUpkeep } from './segment-upkeep.ts';
import { createSegments } from './segments.ts';
import { createSettings } from './settings.ts';
import { createSidecars } from './sidecars.ts';
import { createSites } from './sites.ts';
import { createStocktakeRecords } from './stocktake.ts';
import { createTimelapses } from './timelapses.ts';
import { createVideos } from './videos.ts';
import { createWatch } from './watch.ts';
import { createWeatherRecords } from './weather.ts';

/** @param closing closes what was opened for the database; run by `close` */
export function createRecords(database: Database, closing: Closing): Records {
  const watch = createWatch(database);
  const days = createLedgerDays(database);
  closing.push('the watch over the records', watch.close);
  return {
    ...createEvents(database),
    ...createInbox(database),
    ...createPictures(database),
    ...createReconcile(database),
    ...createFaults(database),
    ...createAgentStatus(database),
    ...createSettings(database),
    ...createSites(database),
    ...createAgents(database),
    ...createCameras(database),
    ...createTimelapses(database),
    ...createFrames(database),
    ...createCoverage(database, days),
    ...createLedger(database, days),
    ...createRetention(database),
    ...createStocktakeRecords(database),
    ...createVideos(database),
    ...createSegments(database),
    ...createSegmentUpkeep(database),
    ...createOverlayTemplates(database),
    ...createAssets(database),
    ...createOverlays(database),
    ...createSidecars(database),
    ...createOverlayFacts(database),
    ...createWeatherRecords(database),
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
