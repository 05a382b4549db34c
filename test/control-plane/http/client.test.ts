import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import * as protocol from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { type Described, describeShapes, generateClient } from '../../rig/generate-client.ts';
import { openHttpServer } from '../../rig/http-server.ts';

const CLIENT = path.resolve(import.meta.dirname, '../../../control-plane/dashboard/src/server/api');

// To write it anew: npm test -- control-plane/http/client --update
test('the dashboard’s client is what the description of the API says now', async () => {
  const server = await openHttpServer();
  const described = (await server.anybody('GET', '/api/openapi.json')).body as Described;
  const client = generateClient(described, await describeShapes(protocol));
  expect([...client.values()].join('').match(/^export const /gm)?.length).toBeGreaterThan(120);
  await mkdir(CLIENT, { recursive: true });
  for (const [file, text] of client) await expect(text).toMatchFileSnapshot(path.join(CLIENT, file));
  expect((await readdir(CLIENT)).filter((file) => !client.has(file))).toEqual([]);
});
