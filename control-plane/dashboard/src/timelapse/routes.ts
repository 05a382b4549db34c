import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../root.tsx';
import { readCalendarPlace, readFramesPlace } from './place.ts';

export const timelapseRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/timelapses/$timelapseId/calendar',
    validateSearch: readCalendarPlace,
    component: lazyRouteComponent(() => import('./calendar-page.tsx'), 'CalendarPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/timelapses/$timelapseId/frames',
    validateSearch: readFramesPlace,
    component: lazyRouteComponent(() => import('./frames-page.tsx'), 'FramesPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/timelapses/$timelapseId/rules',
    component: lazyRouteComponent(() => import('./rules-page.tsx'), 'RulesPage'),
  }),
] as const;
