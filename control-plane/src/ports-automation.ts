/** The hallway's page on automation: rules that make films by themselves, and work on many frames at once. */
import type {
  BulkId,
  BulkInput,
  BulkView,
  FrameId,
  RuleChange,
  RuleId,
  RuleInput,
  RuleOccurrence,
  RuleView,
  TimelapseId,
  VideoView,
} from '@slowlight/protocol';
import type { FramePicture } from './frame.ts';
import type { Page, PageRequest } from './ports.ts';

/** A portion of the frames of a bulk job. */
export interface BulkPortion {
  what: BulkView['what'];
  which: BulkView['which'];
  frames: (FramePicture & {
    thumbnail: 'pending' | 'ready' | 'failed';
    /** Whether the records say that its sidecar of what is shown now is there; null: none is asked for. */
    sidecar: boolean | null;
  })[];
  /** Behind its last frame; to be handed back when the portion is done. */
  behind: string;
}

export interface BulkRecords {
  /** @throws Failure `timelapse.not-found` | `site.not-found` */
  createBulk(input: BulkInput): Promise<BulkView>;
  /** Newest first; of one timelapse alone, where it is named. */
  bulks(page: PageRequest & { timelapseId?: TimelapseId }): Promise<Page<BulkView>>;
  bulk(id: BulkId): Promise<BulkView | null>;
  /** False when it had ended. Its worker stops within 2 s; what was made stays. */
  cancelBulk(id: BulkId): Promise<boolean>;
  /** The next frames; none: all have been looked at. null: nobody wants it any more. */
  bulkPortion(id: BulkId, limit: number): Promise<BulkPortion | null>;
  /** A portion is done. Sidecars of `redraw` are pending from then on. False when nobody wants it any more. */
  bulkProgressed(
    id: BulkId,
    portion: Pick<BulkPortion, 'behind'> & {
      lookedAt: number;
      made: number;
      failed: number;
      redraw: readonly FrameId[];
    },
  ): Promise<boolean>;
  /** All frames have been looked at; sidecars that are pending are drawn. */
  bulkDone(id: BulkId): Promise<void>;
}

export interface RuleRecords {
  /** Of a timelapse, oldest first. @throws Failure `timelapse.not-found` */
  rules(timelapse: TimelapseId): Promise<RuleView[]>;
  rule(id: RuleId): Promise<RuleView | null>;
  /** It counts from now on: what has been passed already makes no film. @throws Failure `timelapse.not-found` | `rule.too-many` */
  createRule(timelapse: TimelapseId, input: RuleInput): Promise<RuleView>;
  /** null: there is none. Another `when`, and switching on, counts from now on. */
  changeRule(id: RuleId, change: RuleChange): Promise<RuleView | null>;
  /** Its films stay. */
  deleteRule(id: RuleId): Promise<boolean>;
  /** Newest first; the newest thousand are kept. */
  ruleOccurrences(id: RuleId, page: PageRequest): Promise<Page<RuleOccurrence>>;
  /**
   * Somebody asks for its film now; that goes before all other films. null: there is no such rule.
   * @throws Failure `video.too-few-frames` | `rule.busy` (the film that it lets grow is being made)
   */
  runRule(id: RuleId): Promise<VideoView | null>;
  /**
   * Does what rules have to do now, each occurrence once, however many control planes ask and wherever one of them dies: the
   * occurrence, its film, the job and the feed are one commit. Gives how many films were made or made anew.
   */
  fireRules(): Promise<number>;
}
