import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../root.tsx';
import { readAlarmsPlace, readAuditPlace, readJobsPlace, readLogsPlace } from './place.ts';

const getParentRoute = () => root;

export const systemRoutes = [
  createRoute({
    getParentRoute,
    path: '/fleet',
    component: lazyRouteComponent(() => import('./fleet-page.tsx'), 'FleetPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/fleet/$agentId',
    component: lazyRouteComponent(() => import('./agent-page.tsx'), 'AgentPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/system',
    component: lazyRouteComponent(() => import('./system-page.tsx'), 'SystemPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/system/alarms',
    validateSearch: readAlarmsPlace,
    component: lazyRouteComponent(() => import('./alarms.tsx'), 'AlarmsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/system/jobs',
    validateSearch: readJobsPlace,
    component: lazyRouteComponent(() => import('./jobs.tsx'), 'JobsPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/system/storage',
    component: lazyRouteComponent(() => import('./storage.tsx'), 'StoragePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/system/sites',
    component: lazyRouteComponent(() => import('./sites.tsx'), 'SitesPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/system/houses',
    component: lazyRouteComponent(() => import('./home-automation.tsx'), 'HousesPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/system/people',
    component: lazyRouteComponent(() => import('./people.tsx'), 'PeoplePage'),
  }),
  createRoute({
    getParentRoute,
    path: '/system/tokens',
    component: lazyRouteComponent(() => import('./tokens.tsx'), 'TokensPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/system/audit',
    validateSearch: readAuditPlace,
    component: lazyRouteComponent(() => import('./audit.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute,
    path: '/system/logs',
    validateSearch: readLogsPlace,
    component: lazyRouteComponent(() => import('./logs.tsx'), 'LogsPage'),
  }),
] as const;
