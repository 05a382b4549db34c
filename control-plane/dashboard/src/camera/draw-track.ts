import type { DayMoments } from './day-moments.ts';

/** One stroke for each frame, where it lies in the day; the flagged ones in their own colour. */
export function drawTrack(canvas: HTMLCanvasElement, moments: DayMoments, bounds: { from: number; to: number }): void {
  const { clientWidth, clientHeight } = canvas;
  const ratio = window.devicePixelRatio;
  canvas.width = Math.round(clientWidth * ratio);
  canvas.height = Math.round(clientHeight * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  const style = getComputedStyle(canvas);
  const gaps = moments.at.slice(1).map((at, index) => at - (moments.at[index] as number));
  const pitch = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  // Where no slot is missing, the strokes touch.
  const width = Math.max(ratio, (pitch / (bounds.to - bounds.from)) * canvas.width);
  for (const flagged of [false, true]) {
    context.fillStyle = style.getPropertyValue(flagged ? '--flagged' : '--taken');
    for (const [index, at] of moments.at.entries())
      if (moments.flagged[index] === flagged)
        context.fillRect(((at - bounds.from) / (bounds.to - bounds.from)) * canvas.width, 0, width, canvas.height);
  }
}
