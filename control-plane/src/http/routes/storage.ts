import { storageView } from '@slowlight/protocol';
import { type Api, problems } from '../api.ts';
import type { HttpRecords, ServerDeps } from '../deps.ts';

/** How much is stored, and how fast it grows. */
export function storageRoutes(
  app: Api,
  { records, storeSpace }: { records: HttpRecords } & Pick<ServerDeps, 'storeSpace'>,
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/storage',
    config: { access: 'viewer', site: 'house' },
    schema: {
      tags: ['system'],
      summary: 'How much is stored, by what it is, and how much each agent takes a day',
      response: { 200: storageView, ...problems },
    },
    async handler() {
      const [known, space] = await Promise.all([records.storage(), storeSpace?.() ?? null]);
      return { ...known, space };
    },
  });
  done();
}
