/** How fast this device decodes a camera's pictures, learnt from what it did. Pure. */
export interface Pace {
  /** So many pictures took so long, ms. */
  learn(pictures: number, ms: number): void;
  /** How long so many will take, ms; on the careful side while little is known. */
  estimateMs(pictures: number): number;
}

/** What a picture costs besides its decoding: colours, the way through the pipe. */
const FIXED_MS = 30;
/** 1080p on a small computer, before anything was measured. */
const FIRST_GUESS_MS = 20;
/** With fewer pictures the fixed part hides what decoding costs. */
const ENOUGH = 4;
const WEIGHT = 0.3;

export function createPace(): Pace {
  let perPictureMs: number | null = null;
  return {
    learn(pictures, ms) {
      if (pictures < ENOUGH) return;
      const seen = ms / pictures;
      perPictureMs = perPictureMs === null ? seen : perPictureMs + WEIGHT * (seen - perPictureMs);
    },
    estimateMs: (pictures) => FIXED_MS + pictures * (perPictureMs ?? FIRST_GUESS_MS),
  };
}
