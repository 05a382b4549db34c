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

/** Narrower than this, nobody across the room sees anything, px. */
const KIOSK_LEAST_PX = 420;

/** How a screen without anything else is parted among cameras: all of them where each is large enough, else pages of as many as are. */
export function kioskGrid(cards: number, room: { width: number; height: number }): { columns: number; rows: number } {
  const mostColumns = Math.max(1, Math.floor(room.width / KIOSK_LEAST_PX));
  const mostRows = Math.max(1, Math.floor(room.height / ((KIOSK_LEAST_PX * 9) / 16)));
  let best = { columns: 1, rows: 1, width: 0 };
  for (let columns = 1; columns <= Math.min(mostColumns, Math.max(1, cards)); columns += 1) {
    const rows = Math.min(mostRows, Math.ceil(cards / columns) || 1);
    // The picture of each, where all of the page are in view.
    const width = Math.min(room.width / columns, ((room.height / rows) * 16) / 9);
    const shown = Math.min(cards, rows * columns);
    const bestShown = Math.min(cards, best.columns * best.rows);
    if (best.width === 0 || shown > bestShown || (shown === bestShown && width > best.width))
      best = { columns, rows, width };
  }
  return { columns: best.columns, rows: best.rows };
}
