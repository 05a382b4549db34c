/** Overlays as a whole: one renderer for preview, sidecar and film, and the pictures that it shows. */
import { createFilmOverlays } from './film-overlay.ts';
import { createOverlayAssets } from './overlay-assets.ts';
import { createOverlayRenderer } from './overlay-renderer.ts';
import { createPreview, type PreviewDeps } from './preview.ts';
import { createSidecarRunners, type SidecarDeps } from './sidecar.ts';

export interface OverlayDeps extends Omit<PreviewDeps & SidecarDeps, 'renderer' | 'objects' | 'records'> {
  objects: PreviewDeps['objects'] & SidecarDeps['objects'] & Parameters<typeof createOverlayAssets>[0]['objects'];
  records: PreviewDeps['records'] & SidecarDeps['records'] & Parameters<typeof createOverlayAssets>[0]['records'];
}

export function createOverlays(deps: OverlayDeps) {
  const { take, remove, read } = createOverlayAssets(deps);
  const renderer = createOverlayRenderer({ readAsset: read });
  return {
    renderer,
    takeAsset: take,
    removeAsset: remove,
    preview: createPreview({ ...deps, renderer }),
    sidecars: createSidecarRunners({ ...deps, renderer }),
    films: createFilmOverlays({ ...deps, renderer }),
  };
}
