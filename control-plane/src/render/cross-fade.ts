/**
 * Fades each frame into the next one. Pure.
 *
 * A frame is on screen for a time; for the last share of it the next one comes in. That time is cut into steps, and each
 * step is a picture that shows the mean of the fade over the step. One step is enough where the film is fast: its picture is
 * what an open shutter would have seen.
 */

export interface Fade {
  /** Of a frame's time on screen, above 0 to 1. */
  share: number;
  /** Pictures of each frame. */
  steps: number;
}

/** As many pictures a second let a fade look even. */
const EVEN_FPS = 24;

/** Each step is a picture that ffmpeg holds in memory at the same time as the others. */
const MOST_STEPS = 12;

/** How many pictures a frame needs at a speed, frames a second. */
export const stepsAt = (fps: number): number => Math.min(MOST_STEPS, Math.max(1, Math.ceil(EVEN_FPS / fps)));

/** How much of the next frame each step shows, 0 to 1. */
export function fadeWeights({ share, steps }: Fade): number[] {
  // The integral of what is seen of the next frame, from the beginning of a frame's time (0) to a moment of it (to 1).
  const seen = (until: number) => Math.max(0, until - (1 - share)) ** 2 / (2 * share);
  return Array.from({ length: steps }, (_, step) => (seen((step + 1) / steps) - seen(step / steps)) * steps);
}

/**
 * A filter of ffmpeg that takes one frame more than it shows, and gives `steps` pictures of each but the last.
 * @param fps pictures a second inside of a segment, before and behind it alike
 */
export function fadeFilter(fade: Fade, fps: number): string {
  const { steps } = fade;
  // Each mixes a frame with the one before it; the first has none, and goes.
  const mixed = fadeWeights(fade).map((weight, step) => {
    const weights = `${(1 - weight).toFixed(5)} ${weight.toFixed(5)}`;
    const when = `setpts=(N*${steps}+${step})/(${fps}*TB)`;
    return `tmix=frames=2:weights='${weights}',trim=start_frame=1,${when}`;
  });
  if (steps === 1) return mixed.join('');
  const names = mixed.map((_, step) => step);
  const into = names.map((step) => `[apart${step}]`).join('');
  const branches = mixed.map((mix, step) => `[apart${step}]${mix}[step${step}]`).join(';');
  return `split=${steps}${into};${branches};${names.map((step) => `[step${step}]`).join('')}interleave=nb_inputs=${steps}`;
}
