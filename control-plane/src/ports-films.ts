/** The hallway's page on films: what they are made of, their pieces, and what was made. */
import type {
  AnimationType,
  FilmEncoder,
  FrameId,
  TimelapseId,
  VideoChange,
  VideoId,
  VideoInput,
  VideoPreview,
  VideoView,
} from '@slowlight/protocol';
import type { FramePicture } from './frame.ts';
import type { Job, Page } from './ports.ts';
import type { SeenPage } from './ports-people.ts';

/** A frame with what a film asks of it. */
export interface FilmFrame extends FramePicture {
  /** Where it is filed, ms. */
  at: number;
  /** Mean luma, 0 to 255, as the judge measured it; null where it did not. */
  brightness: number | null;
}

/** A film that is to be made. */
export interface FilmToMake {
  video: VideoView;
  input: VideoInput;
  /** In the order in which they are shown. */
  frames: FilmFrame[];
  /** What its title says by itself: the name of its timelapse, and the zone in which its days are told. */
  about: { name: string; timeZone: string };
}

/** Where a film's file, its poster and its animated previews lie. */
export interface FilmObjects {
  key: string | null;
  posterKey: string | null;
  gifKey: string | null;
  webpKey: string | null;
}

/** An animated preview as it came out. */
export type MadeAnimation = Record<AnimationType, { key: string; sizeBytes: number }>;

/** The animated previews of films, made when somebody asks, and anew with their film. */
export interface AnimationRecords {
  /** Plans the job. null: there is no such film. @throws Failure `video.not-finished` while there is no film to look at */
  animateVideo(id: VideoId): Promise<VideoView | null>;
  /** Whether somebody still wants it; how large the film is. null: nobody does. */
  animationPlan(id: VideoId): Promise<{ widthPx: number; heightPx: number } | null>;
  /** False when nobody wants it any more. What it replaces may be removed. */
  animationReady(id: VideoId, made: MadeAnimation): Promise<{ wanted: boolean; replaced: string[] }>;
}

/** A film as it came out. */
export interface MadeFilm {
  widthPx: number;
  heightPx: number;
  durationMs: number;
  sizeBytes: number;
  framesTotal: number;
  framesDone: number;
  framesLeftOut: number;
  fps: number;
  speedReason: string | null;
  /** Where its file and its poster lie; no poster: null. */
  key: string;
  posterKey: string | null;
  ffmpeg: string;
  encoder: FilmEncoder;
  /** Why it is software although hardware was asked for. */
  encoderReason: string | null;
  joinMs: number;
}

export interface VideoRecords {
  videos(page: SeenPage & { timelapseId?: TimelapseId | undefined }): Promise<Page<VideoView>>;
  video(id: VideoId): Promise<VideoView | null>;
  /** Plans the job. @throws Failure `timelapse.not-found` | `video.too-few-frames` (fewer than two to film) */
  createVideo(input: VideoInput): Promise<VideoView>;
  /** How long such a film would be. @throws Failure `timelapse.not-found` */
  previewVideo(input: VideoInput): Promise<VideoPreview>;
  /** Makes it anew where its speed or length is another one; nothing of it is encoded. null: there is no such film. */
  changeVideo(id: VideoId, change: VideoChange): Promise<VideoView | null>;
  /**
   * False when it was already finished. The workers that make it stop at their next heartbeat, within 2 s. A film that was
   * being made anew stays what it was.
   */
  cancelVideo(id: VideoId): Promise<boolean>;
  deleteVideo(id: VideoId): Promise<boolean>;
  /** Something of it is not in the store any more. False when it is being made, or there is no such film. */
  remakeVideo(id: VideoId): Promise<boolean>;
  videoPlan(id: VideoId): Promise<FilmToMake | null>;
  /** False when nobody wants it any more (cancelled or deleted meanwhile). What it replaces may be removed: `replaced`. */
  videoReady(id: VideoId, film: MadeFilm): Promise<{ wanted: boolean; replaced: string[] }>;
  videoFailed(id: VideoId, reason: string): Promise<void>;
  /** Where all that was made of it lies; null: there is none such. */
  videoObjects(id: VideoId): Promise<FilmObjects | null>;
  /** All that is needed to make it again. */
  videoManifest(id: VideoId): Promise<VideoManifest | null>;
  /** Growing films whose timelapse has had new or late frames for at least `pauseMs` are made anew. Gives how many. */
  growVideos(pauseMs: number): Promise<number>;
}

export interface VideoManifest {
  video: VideoView;
  input: VideoInput;
  ffmpeg: string | null;
  segments: { address: string; recipe: string; leftOut: { frameId: FrameId; reason: string }[] }[];
}

/** A piece of a film that is to be there before the film is joined. */
export interface PlannedSegment {
  /** The hash of all that goes into it. */
  address: string;
  /** For whoever makes it; the records only keep it. */
  recipe: string;
  frames: number;
}

/** A piece as it was made. */
export interface MadeSegment {
  framesShown: number;
  leftOut: { frameId: FrameId; reason: string }[];
  /** null: none of its pictures could be read. */
  object: { key: string; sizeBytes: number; layout: string } | null;
}

export interface FilmSegment extends MadeSegment {
  address: string;
  frames: number;
}

/** The pieces of films, each made once for all films that want it. */
export interface SegmentRecords {
  /**
   * The film is to consist of these, in this order. What is missing is planned, and the job, which must still be held, waits
   * until it is there: `waits`. `lost`: the job is not held any more, or nobody wants the film.
   */
  planSegments(job: Job, video: VideoId, segments: readonly PlannedSegment[]): Promise<'ready' | 'waits' | 'lost'>;
  /** null: it is made already, or nobody knows it any more. */
  segmentRecipe(address: string): Promise<string | null>;
  /** Shown as the progress of the films that wait for it. */
  segmentProgressed(address: string, framesDone: number): Promise<void>;
  /** False when it was made already, or nobody knows it any more: remove the object. */
  segmentReady(address: string, made: MadeSegment): Promise<boolean>;
  /** What the film is made of next, as far as it is there; in order. */
  segmentsOf(video: VideoId): Promise<FilmSegment[]>;
  /** What the film that can be looked at consists of. */
  shownSegments(video: VideoId): Promise<FilmSegment[]>;
  /** Hardware could not make it: the films that wait for it are planned anew, and made by software from now on. */
  encoderFailed(address: string, reason: string): Promise<void>;
  /** Its object is not in the store any more: it must be made again. */
  segmentLost(address: string): Promise<void>;
  /** Where the object of a made segment lies. */
  segment(address: string): Promise<{ key: string; layout: string } | null>;
  /** Pieces that no film has asked for since `before` and none consists of; nobody gets them any more. */
  takeUnusedSegments(before: number, limit: number): Promise<{ address: string; key: string | null }[]>;
  forgetSegment(address: string): Promise<void>;
  /** Of these keys the ones that no film and no segment claims. */
  unclaimedFilmKeys(keys: readonly string[]): Promise<string[]>;
  /** Jobs that wait for work which nobody does any more become due. Gives how many. */
  releaseStranded(): Promise<number>;
}
