/** Which frames are selected, and where a stretch begins. Pure. */
import type { FrameId } from '@slowlight/protocol';

export interface Selection {
  chosen: ReadonlySet<FrameId>;
  /** The one that was picked last: a stretch reaches from it. */
  anchor: FrameId | null;
}
export const NOTHING_SELECTED: Selection = { chosen: new Set(), anchor: null };

/** Picks a frame or lets it go again. */
export function toggle({ chosen }: Selection, id: FrameId): Selection {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return { chosen: next, anchor: id };
}

/** Picks all from the anchor to this one, in the order in which they are shown; without an anchor only this one. */
export function reach({ chosen, anchor }: Selection, id: FrameId, shown: readonly FrameId[]): Selection {
  const [a, b] = [anchor === null ? -1 : shown.indexOf(anchor), shown.indexOf(id)];
  const stretch = a < 0 || b < 0 ? [id] : shown.slice(Math.min(a, b), Math.max(a, b) + 1);
  return { chosen: new Set([...chosen, ...stretch]), anchor: anchor ?? id };
}

export const selectAll = (shown: readonly FrameId[]): Selection => ({
  chosen: new Set(shown),
  anchor: shown[0] ?? null,
});
