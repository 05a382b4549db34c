import { createRoute } from '@tanstack/react-router';
import { root } from '../root.tsx';
import { readWallPlace } from './place.ts';
import { WallPage } from './wall-page.tsx';

export const wallRoutes = [
  createRoute({ getParentRoute: () => root, path: '/', validateSearch: readWallPlace, component: WallPage }),
] as const;
