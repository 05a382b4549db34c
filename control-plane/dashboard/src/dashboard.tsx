/** THE PAGE: introduces the rooms to each other. It alone knows the addresses, the query client and the feed. */
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createRouter, RouterProvider } from '@tanstack/react-router';
import { cameraRoutes } from './camera/routes.ts';
import { filmRoutes } from './films/routes.ts';
import { overlayRoutes } from './overlays/routes.ts';
import { Toasts } from './parts/toasts.tsx';
import { root } from './root.tsx';
import { backOffMs } from './server/clock.ts';
import { createFeed } from './server/feed.ts';
import { keys, queries } from './server/queries.ts';
import { isServerFault, mayPass } from './server/request.ts';
import { watchQueries } from './server/watch-queries.ts';
import { Broken } from './shell/broken.tsx';
import { FeedContext } from './shell/offline-bar.tsx';
import { systemRoutes } from './system/routes.ts';
import { timelapseRoutes } from './timelapse/routes.ts';
import { wallRoutes } from './wall/routes.ts';
import { wizardRoutes } from './wizard/routes.ts';

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
if (window.location.pathname === '/') void askForTheWall();

const router = createRouter({
  routeTree: root.addChildren([
    ...wallRoutes,
    ...cameraRoutes,
    ...filmRoutes,
    ...timelapseRoutes,
    ...overlayRoutes,
    ...wizardRoutes,
    ...systemRoutes,
  ]),
  defaultErrorComponent: Broken,
  defaultPreload: 'intent',
  scrollRestoration: true,
});
declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** As soon as it is known that somebody is here: before anything is drawn. */
async function askForTheWall(): Promise<void> {
  const user = await client.fetchQuery(queries.session).catch(() => null);
  if (user === null || user.mustChangePassword) return;
  void client.prefetchQuery(queries.cameras);
  void client.prefetchQuery(queries.sites);
  void client.prefetchQuery(queries.agents);
  void client.prefetchQuery(watchQueries.wall);
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
