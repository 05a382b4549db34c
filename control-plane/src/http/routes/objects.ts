import { z } from 'zod';
import type { Api } from '../api.ts';
import type { ReceiveUpload } from '../deps.ts';
import { makeProblem } from '../problems.ts';

/** The largest picture that can be announced, bytes. */
const MOST_BYTES = 200_000_000;

/**
 * The door of the directory store. Who may put what is in the signed address itself, so no login is asked for; the store
 * checks it before it reads a byte. The body is not parsed here: it streams to the disk.
 */
export function objectRoutes(
  app: Api,
  { receiveUpload }: { receiveUpload: ReceiveUpload | null },
  done: () => void,
): void {
  if (receiveUpload !== null) takeUploads(app, receiveUpload);
  done();
}

function takeUploads(app: Api, receiveUpload: ReceiveUpload): void {
  void app.register((uploads: Api, _options, done) => {
    uploads.removeAllContentTypeParsers();
    uploads.addContentTypeParser('*', (_request, body, done) => done(null, body));
    uploads.route({
      method: 'PUT',
      url: '/objects/*',
      bodyLimit: MOST_BYTES,
      config: { access: 'open', rateLimit: false },
      schema: { hide: true, params: z.object({ '*': z.string().max(512) }) },
      async handler(request, reply) {
        const answer = await receiveUpload({
          key: request.params['*'],
          query: request.query as Record<string, unknown>,
          headers: request.headers,
          body: request.raw,
        });
        if (!('code' in answer)) return reply.code(answer.status).send();
        // What is left of a refused body is not waited for.
        if (!request.raw.complete) reply.header('connection', 'close');
        return reply
          .code(answer.status)
          .type('application/problem+json')
          .serializer(JSON.stringify)
          .send(makeProblem(answer));
      },
    });
    done();
  });
}
