/** The hallway's page on the frames of films, one by one: those that are left out by hand, and those that are shown. */
import type { ExclusionInput, FrameId, TimelapseId, VideoInput } from '@slowlight/protocol';

/** A frame as a film that is not made yet would show it. */
export interface StripFrame {
  id: FrameId;
  at: number;
  /** Mean luma, 0 to 255; null where the judge did not measure it. */
  brightness: number | null;
}

export interface FilmFrameRecords {
  /**
   * Films leave these frames out from now on, or show them again; growing films are made anew.
   * @returns how many are otherwise than they were
   * @throws Failure `timelapse.not-found`
   */
  excludeFrames(id: TimelapseId, exclusion: ExclusionInput): Promise<number>;
  /**
   * Neighbouring frames that such a film would show.
   * @param from the place of the first, from 0 on; what lies outside of the film is left out
   * @throws Failure `timelapse.not-found`
   */
  filmFrames(
    input: VideoInput,
    part: (of: number) => { from: number; to: number },
  ): Promise<{ of: number; first: number; frames: StripFrame[]; size: { widthPx: number; heightPx: number } | null }>;
  /** Where each of these frames is filed, ms; those that are gone are left out. */
  momentsOf(frames: readonly FrameId[]): Promise<Map<FrameId, number>>;
}
