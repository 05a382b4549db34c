/** The tables of rules and of work on many frames; see `schema.ts`. */
import type { BulkId, BulkView, RuleId, SiteId, TimelapseId, VideoId } from '@slowlight/protocol';
import type { Generated } from 'kysely';

export interface RulesTable {
  id: RuleId;
  timelapse_id: TimelapseId;
  enabled: 0 | 1;
  /** json: `RuleInput` without `enabled`. */
  content: string;
  created_at: number;
  /** Moments up to here have been looked at. */
  seen_at: number;
  /** Of a milestone: the highest number that has been looked at; else how many frames there were when it last made a film. */
  seen_frames: number;
  fired_at: number | null;
  /** How many occurrences it has had. */
  runs: Generated<number>;
}

/** What came of a rule; that the same occurrence comes twice is refused by the key. */
export interface RuleOccurrencesTable {
  rule_id: RuleId;
  occurrence: string;
  number: number;
  at: number;
  outcome: 'made' | 'skipped';
  count: number;
  video_id: VideoId | null;
  reason: string | null;
}

export interface BulkJobsTable {
  id: BulkId;
  what: BulkView['what'];
  which: BulkView['which'];
  timelapse_id: TimelapseId | null;
  site_id: SiteId | null;
  state: BulkView['state'];
  total: number;
  looked_at: Generated<number>;
  made: Generated<number>;
  failed: Generated<number>;
  /** json: the camera, and the moment and id of the frame behind which it goes on; null: it begins. */
  behind: string | null;
  reason: string | null;
  created_at: number;
  ended_at: number | null;
}

export interface AutomationTables {
  bulk_jobs: BulkJobsTable;
  rules: RulesTable;
  rule_occurrences: RuleOccurrencesTable;
}
