/**
 * Makes each picture of a segment as bright as it was decided. Pure.
 * @param gains one for each picture, in their order; 1: as it is
 * @param fps pictures a second inside of the segment
 * @returns a filter of ffmpeg for pictures in limited range (luma from 16 to 235); empty where nothing is to be done
 */
export function lightFilter(gains: readonly number[], fps: number): string {
  if (gains.every((gain) => gain === 1)) return '';
  const commands = gains
    .map((gain, index) => ({ gain, index }))
    .filter(({ gain, index }) => index === 0 || gain !== gains[index - 1])
    .map(({ gain, index }) => {
      // `eq` gives contrast × (v − 0.5) + 0.5 + brightness; black (16 of 255) is to stay where it is.
      const brightness = (gain - 1) * (0.5 - 16 / 255);
      // Half a picture early, so that rounding cannot make it one late.
      const at = Math.max(0, (index - 0.5) / fps);
      const set = (name: string, value: number) => `eq@light ${name} ${value.toFixed(5)}`;
      return `${at.toFixed(5)} ${set('contrast', gain)}, ${set('brightness', brightness)}, ${set('saturation', gain)}`;
    });
  return `sendcmd=c='${commands.join('; ')}',eq@light=contrast=1`;
}
