/** The tables of overlays; see `schema.ts`. */
import type { AssetId, AssetView, FrameId, OverlayTemplateId, TimelapseId } from '@slowlight/protocol';

export interface OverlayTemplatesTable {
  id: OverlayTemplateId;
  name: string;
  /** The newest. */
  version: number;
  created_at: number;
  /** A deleted template keeps its row, because what its versions said stays readable. */
  deleted_at: number | null;
}

export interface OverlayTemplateVersionsTable {
  template_id: OverlayTemplateId;
  version: number;
  /** json: `OverlayLayout`. */
  layout: string;
  created_at: number;
}

export interface AssetsTable {
  id: AssetId;
  name: string;
  type: AssetView['type'];
  width_px: number;
  height_px: number;
  size_bytes: number;
  sha256: string;
  created_at: number;
}

export interface TimelapseOverlaysTable {
  timelapse_id: TimelapseId;
  template_id: OverlayTemplateId;
  /** null: the newest. */
  version: number | null;
  /** json: `OverlayChanges`. */
  changes: string;
  sidecars: 0 | 1;
  /** Grows with everything that can be seen; never used twice. */
  revision: number;
  /** Frames that came late have changed the numbers of all from here on; null: none has. */
  renumber_from: number | null;
}

/** What was drawn for a frame, and of which revision. */
export interface FrameOverlaysTable {
  frame_id: FrameId;
  timelapse_id: TimelapseId;
  revision: number;
  state: 'ready' | 'failed' | 'fallback';
  reason: string | null;
}

export interface OverlayTables {
  overlay_templates: OverlayTemplatesTable;
  overlay_template_versions: OverlayTemplateVersionsTable;
  assets: AssetsTable;
  timelapse_overlays: TimelapseOverlaysTable;
  frame_overlays: FrameOverlaysTable;
}
