/** The root of every address. A room adds its own in a file `routes.ts`, and `dashboard.tsx` puts them together. */
import { createRootRoute, Outlet } from '@tanstack/react-router';
import { Door } from './shell/door.tsx';
import { NotFound } from './shell/not-found.tsx';

export const root = createRootRoute({
  component: () => (
    <Door>
      <Outlet />
    </Door>
  ),
  notFoundComponent: NotFound,
});
