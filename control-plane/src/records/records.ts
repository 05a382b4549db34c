/** The door of the records: every verb of the port on one database. */
import type { Closing } from '@slowlight/protocol/kit';
import { sql } from 'kysely';
import type { Records } from '../ports.ts';
import { createAgentStatus } from './agent-status.ts';
import { createAgents } from './agents.ts';
import { createAlarmScene } from './alarm-scene.ts';
import { createAlarms } from './alarms.ts';
import { createAnimations } from './animations.ts';
import { createAssets } from './assets.ts';
import { createAudit } from './audit.ts';
import { createBulk } from './bulk.ts';
import { createCameras } from './cameras.ts';
import { createChannels } from './channels.ts';
import { createCommands } from './commands.ts';
import { createCoverage } from './coverage.ts';
import { createCredentials } from './credentials.ts';
import type { Database } from './database.ts';
import { createEnrolments } from './enrolments.ts';
import { createFaults } from './faults.ts';
import { createFeedRecords } from './feed.ts';
import { createFilmFrames } from './film-frames.ts';
import { createFrames } from './frames.ts';
import { createHomeRecords } from './home.ts';
import { createInbox } from './inbox.ts';
import { createJobs } from './jobs.ts';
import { createLedger } from './ledger.ts';
import { createLedgerDays } from './ledger-days.ts';
import { createLogins } from './logins.ts';
import { createOverlayFacts } from './overlay-facts.ts';
import { createOverlayTemplates } from './overlay-templates.ts';
import { createOverlays } from './overlays.ts';
import { createPeople } from './people.ts';
import { createPictures } from './pictures.ts';
import { createReconcile } from './reconcile.ts';
import { createEvents } from './record-events.ts';
import { createRetention } from './retention.ts';
import { createRules } from './rules.ts';
import { createSegmentUpkeep } from './segment-upkeep.ts';
import { createSegments } from './segments.ts';
import { createSettings } from './settings.ts';
import { createShares } from './shares.ts';
import { createSidecars } from './sidecars.ts';
import { createSiteOf } from './site-of.ts';
import { createSites } from './sites.ts';
import { createStocktakeRecords } from './stocktake.ts';
import { createStorage } from './storage.ts';
import { createTimelapses } from './timelapses.ts';
import { createVideos } from './videos.ts';
import { createWatch } from './watch.ts';
import { createWatching } from './watching.ts';
import { createWeatherRecords } from './weather.ts';
import { createWebhooks } from './webhooks.ts';

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
    ...createFilmFrames(database),
    ...createCoverage(database, days),
    ...createLedger(database, days),
    ...createRetention(database),
    ...createStocktakeRecords(database),
    ...createVideos(database),
    ...createAnimations(database),
    ...createRules(database),
    ...createBulk(database),
    ...createSegments(database),
    ...createSegmentUpkeep(database),
    ...createOverlayTemplates(database),
    ...createAssets(database),
    ...createOverlays(database),
    ...createSidecars(database),
    ...createOverlayFacts(database),
    ...createWatching(database),
    ...createStorage(database),
    ...createWeatherRecords(database),
    ...createHomeRecords(database),
    ...createAlarmScene(database),
    ...createAlarms(database),
    ...createChannels(database),
    ...createWebhooks(database),
    ...createEnrolments(database),
    ...createCredentials(database),
    ...createCommands(database),
    ...createPeople(database),
    ...createLogins(database),
    ...createSiteOf(database),
    ...createAudit(database),
    ...createShares(database),
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
