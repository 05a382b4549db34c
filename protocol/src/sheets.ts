/** How the small pictures of a day lie on sheets, and how its moments are marked. Without schemas: pages need only this. */

/** What `marks` of a moment is the sum of. */
export const MOMENT_MARKS = { flagged: 1, stored: 2, thumbnail: 4, manual: 8, excluded: 16 } as const;

/** A sheet holds so many small pictures at most, in rows of so many. */
export const SHEET_MOST = 64;
export const SHEET_COLUMNS = 8;
export const SHEET_TILE_PX = 200;

/** How large each picture of a sheet is, for frames of this shape, px. Both sides reckon with it. */
export function sheetTile(ratio: number): { widthPx: number; heightPx: number } {
  return ratio >= 1
    ? { widthPx: SHEET_TILE_PX, heightPx: Math.max(1, Math.round(SHEET_TILE_PX / ratio)) }
    : { widthPx: Math.max(1, Math.round(SHEET_TILE_PX * ratio)), heightPx: SHEET_TILE_PX };
}
