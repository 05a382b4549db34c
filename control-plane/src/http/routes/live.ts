import { cameraId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import { z } from 'zod';
import type { Api } from '../api.ts';
import type { HttpRecords, ServerDeps } from '../deps.ts';
import { found } from '../given.ts';
import { wantOnline } from '../send-command.ts';

const params = z.object({ id: cameraId });

/** What a camera shows now, as long as somebody asks. */
export function liveRoutes(
  app: Api,
  { records, live, closing }: { records: HttpRecords; live: ServerDeps['live']; closing: AbortSignal },
  done: () => void,
): void {
  app.route({
    method: 'GET',
    url: '/api/cameras/:id/live',
    // It makes the agent work and costs its line: not for everybody who may look.
    config: { access: 'operator', scope: 'capture' },
    schema: {
      tags: ['cameras'],
      summary:
        'The newest still (image/jpeg, 960 px at most, about one a second), which is no frame and is not kept. Send its ETag ' +
        'as If-None-Match to wait for the next (304: none came in time; 202: the agent has not answered yet). Ask again at ' +
        'once; 15 s after the last request the agent stops.',
      params,
      querystring: z.strictObject({
        /** How long to wait for something newer, ms. */
        waitMs: z.coerce.number().int().min(0).max(10_000).default(5000),
      }),
    },
    async handler(request, reply) {
      const camera = found('camera', await records.camera(request.params.id));
      await wantOnline(records, camera.agentId);
      const has = request.headers['if-none-match'] ?? null;
      const left = new AbortController();
      reply.raw.once('close', () => left.abort());
      const look = await live.look(
        { camera: camera.id, agent: camera.agentId, has, waitMs: request.query.waitMs },
        AbortSignal.any([left.signal, closing]),
      );
      reply.header('cache-control', 'private, no-store');
      switch (look.kind) {
        case 'still':
          return reply
            .headers({ etag: look.etag, 'last-modified': new Date(look.takenAt).toUTCString() })
            .type('image/jpeg')
            .send(look.jpeg);
        case 'same':
          return has === null ? reply.code(202).send() : reply.code(304).header('etag', has).send();
        case 'nothing':
          return reply.code(202).send();
        case 'failed':
          throw new Failure({
            code: 'live.camera-failed',
            message: `The camera ${camera.name} gives no picture (${look.code}).`,
            hint: look.hint,
            retry: 'soon',
          });
      }
    },
  });
  done();
}
