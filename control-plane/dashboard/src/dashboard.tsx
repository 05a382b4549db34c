/** THE PAGE: introduces the rooms to each other. It alone knows the addresses, the query client and the feed. */
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { readCameraPlace } from './camera/place.ts';
import { Toasts } from './parts/toasts.tsx';
import { backOffMs } from './server/clock.ts';
import { createFeed } from './server/feed.ts';
import { keys } from './server/queries.ts';
import { isServerFault, mayPass } from './server/request.ts';
import { Broken } from './shell/broken.tsx';
import { Door } from './shell/door.tsx';
import { NotFound } from './shell/not-found.tsx';
import { FeedContext } from './shell/offline-bar.tsx';
import { readTimelapsePlace } from './timelapse/place.ts';
import { WallPage } from './wall/wall-page.tsx';

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      const loggedOut = isServerFault(error) && error.status === 401;
      if (loggedOut && query.queryKey[0] !== keys.session[0]) void client.invalidateQueries({ queryKey: keys.session });
    },
  }),
  defaultOptions: {
    queries: {
      // The feed says when something changed, so that nothing needs to be asked for at every turn.
      staleTime: 15_000,
      // The browser's own idea of being online knows nothing of a server on the local network.
      networkMode: 'always',
      retry: (_, error) => mayPass(error),
      retryDelay: (attempt) => backOffMs(attempt),
      refetchOnWindowFocus: true,
    },
  },
});
const feed = createFeed(client);

const root = createRootRoute({
  component: () => (
    <Door>
      <Outlet />
    </Door>
  ),
  notFoundComponent: NotFound,
});
const wall = createRoute({ getParentRoute: () => root, path: '/', component: WallPage });
const camera = createRoute({
  getParentRoute: () => root,
  path: '/cameras/$cameraId',
  validateSearch: readCameraPlace,
  component: lazyRouteComponent(() => import('./camera/camera-page.tsx'), 'CameraPage'),
});
const timelapse = createRoute({
  getParentRoute: () => root,
  path: '/timelapses/$timelapseId',
  validateSearch: readTimelapsePlace,
  component: lazyRouteComponent(() => import('./timelapse/timelapse-page.tsx'), 'TimelapsePage'),
});
const system = createRoute({
  getParentRoute: () => root,
  path: '/system',
  component: lazyRouteComponent(() => import('./system/system-page.tsx'), 'SystemPage'),
});

const router = createRouter({
  routeTree: root.addChildren([wall, camera, timelapse, system]),
  defaultErrorComponent: Broken,
  defaultPreload: 'intent',
  scrollRestoration: true,
});
declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

export function Dashboard() {
  return (
    <QueryClientProvider client={client}>
      <FeedContext value={feed}>
        <RouterProvider router={router} />
        <Toasts />
      </FeedContext>
    </QueryClientProvider>
  );
}
