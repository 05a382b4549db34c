import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../root.tsx';
import { readFilmsPlace } from './place.ts';

export const filmRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/timelapses/$timelapseId',
    validateSearch: readFilmsPlace,
    component: lazyRouteComponent(() => import('./films-page.tsx'), 'FilmsPage'),
  }),
] as const;
