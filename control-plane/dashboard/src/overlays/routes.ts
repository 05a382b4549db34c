import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../root.tsx';
import { readEditorPlace } from './place.ts';

export const overlayRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/timelapses/$timelapseId/overlay',
    component: lazyRouteComponent(() => import('./timelapse-overlay-page.tsx'), 'TimelapseOverlayPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/overlays',
    component: lazyRouteComponent(() => import('./templates-page.tsx'), 'TemplatesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/overlays/$templateId',
    validateSearch: readEditorPlace,
    component: lazyRouteComponent(() => import('./editor-page.tsx'), 'EditorPage'),
  }),
] as const;
