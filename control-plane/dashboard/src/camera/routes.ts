import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../root.tsx';
import { readCameraPlace } from './place.ts';

export const cameraRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/cameras/$cameraId',
    validateSearch: readCameraPlace,
    component: lazyRouteComponent(() => import('./camera-page.tsx'), 'CameraPage'),
  }),
] as const;
