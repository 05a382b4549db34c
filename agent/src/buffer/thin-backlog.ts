/**
 * What to give up when the card is full and nobody takes the frames: every second one of the oldest, so that the film of
 * that time gets coarser but has no hole. Flagged and manual frames stand at the end of the list and go last.
 * @param spareable in the order in which frames could be spared
 * @param bytes how many are needed
 */
export function chooseEvicted<Frame extends { sizeBytes: number }>(
  spareable: readonly Frame[],
  bytes: number,
): Frame[] {
  const chosen: Frame[] = [];
  let freed = 0;
  for (const [index, frame] of spareable.entries()) {
    if (freed >= bytes) break;
    if (index % 2 === 0) continue;
    chosen.push(frame);
    freed += frame.sizeBytes;
  }
  return chosen;
}
