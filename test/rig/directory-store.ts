import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import {
  type DirectoryObjectStore,
  openDirectoryObjectStore,
} from '@slowlight/control-plane/src/objects/directory-object-store.ts';
import { type Clock, systemClock } from '@slowlight/protocol/kit';
import { onTestFinished } from 'vitest';
import { openFolder } from './folder.ts';

/** A directory store behind a small real HTTP server that passes uploads on; both go with the test. */
export async function openDirectoryStore(
  clock: Clock = systemClock,
  folder?: string,
): Promise<{ store: DirectoryObjectStore; folder: string; url: string }> {
  const root = folder ?? (await openFolder());
  let url = '';
  const store = await openDirectoryObjectStore(
    { clock },
    { folder: path.join(root, 'objects'), signingKeyFile: path.join(root, 'object-signing.key'), publicUrl: () => url },
  );
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://local');
    const key = decodeURIComponent(asked.pathname.replace(/^\/objects\//, ''));
    const query = Object.fromEntries(asked.searchParams);
    void store.receiveUpload({ key, query, headers: request.headers, body: request }).then((answer) => {
      response.writeHead(answer.status, { connection: 'close' }).end('code' in answer ? answer.code : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { store, folder: root, url };
}
