import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../root.tsx';
import { readWizardPlace } from './place.ts';

export const wizardRoutes = [
  createRoute({
    getParentRoute: () => root,
    path: '/new',
    validateSearch: readWizardPlace,
    component: lazyRouteComponent(() => import('./wizard-page.tsx'), 'WizardPage'),
  }),
] as const;
