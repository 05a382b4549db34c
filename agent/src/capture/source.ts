/** What every kind of source is to the recipe of capture. A new kind is one small file that makes one of these. */
import type { CameraFault } from '@slowlight/protocol';
import type { Retry } from '@slowlight/protocol/kit';
import type { Picture } from '../frame.ts';

export interface Wish {
  /** Wall time, ms; null: as soon as possible. */
  dueAt: number | null;
  /** Wall time, ms: a try that has no picture by then has failed. */
  deadlineAt: number;
  /** False on a second try: the way to the camera is not waited for any more. */
  first: boolean;
  /** The picture that the slot has was damaged: only one from behind another keyframe helps. */
  afresh: boolean;
}

export type Attempt =
  | { kind: 'picture'; picture: Picture }
  | { kind: 'failed'; code: CameraFault; hint: string; retry: Retry };

export interface Source {
  /** How long before a slot `attempt` should be called, ms. */
  leadMs(): number;
  /** Whether its connection stays open between slots now. */
  mode(): 'warm' | 'cold';
  /** One try. Rejects only with the signal's reason. */
  attempt(wish: Wish, signal: AbortSignal): Promise<Attempt>;
  /** What is there, as far as one connection shows. Rejects only with the signal's reason. */
  probe(signal: AbortSignal): Promise<Probe>;
  /** Ends what runs; afterwards nothing of it is left. */
  close(): Promise<void>;
}

export type Probe =
  | {
      kind: 'ok';
      widthPx: number;
      heightPx: number;
      codec: string;
      /** Until the first picture, ms. */
      ms: number;
      /** Between two keyframes, ms; null when none was seen twice. */
      keyframeIntervalMs: number | null;
    }
  | { kind: 'failed'; code: CameraFault; hint: string };
