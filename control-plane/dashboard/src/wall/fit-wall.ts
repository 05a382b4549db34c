/** How many columns let every camera be as large as it can while all of them are in view. Pure. */
export interface WallRoom {
  /** Of the wall, px. */
  width: number;
  /** From the wall's top to the end of the window, px. */
  height: number;
  gap: number;
  /** What stands under each picture, px. */
  lines: number;
  /** Below it a card is too small to be read, px. */
  leastWidth: number;
}

/** The fewest columns with which everything is in view; where that would make cards too small, as many as can be read. */
export function columnsFor(cards: number, room: WallRoom): number {
  const most = Math.max(1, Math.floor((room.width + room.gap) / (room.leastWidth + room.gap)));
  for (let columns = 1; columns <= Math.min(most, cards); columns += 1) {
    const width = (room.width - room.gap * (columns - 1)) / columns;
    const rows = Math.ceil(cards / columns);
    const height = rows * ((width * 9) / 16 + room.lines) + (rows - 1) * room.gap;
    if (height <= room.height) return columns;
  }
  return Math.min(most, cards);
}
