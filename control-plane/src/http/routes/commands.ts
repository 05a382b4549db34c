import {
  agentId,
  cameraId,
  captureInput,
  commandId,
  commandView,
  discoverContext,
  discoverInput,
  logLevelInput,
  retryQuarantineInput,
  testShotInput,
} from '@slowlight/protocol';
import type { Clock } from '@slowlight/protocol/kit';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Api, problems } from '../api.ts';
import type { HttpRecords, ServerDeps } from '../deps.ts';
import { found } from '../given.ts';
import { sealFor, wantLoginWhole } from '../seal-password.ts';
import { type Asked, sendCommand } from '../send-command.ts';

const tags = ['commands'];
/** How long answers are waited for; cameras answer within half a second. */
const DISCOVER_MS = 3000;
const ofCamera = z.object({ id: cameraId });
const ofAgent = z.object({ id: agentId });
const response = { 202: commandView, ...problems };

/** What agents can be asked to do. Each answer comes later: as `command.done` in the feed, and at `/api/commands/:id`. */
export function commandRoutes(
  app: Api,
  deps: { records: HttpRecords; sendCommand: ServerDeps['sendCommand']; clock: Clock },
  done: () => void,
): void {
  const { records } = deps;
  type CameraId = z.infer<typeof cameraId>;

  async function askCamera(id: CameraId, reply: FastifyReply, asked: Asked) {
    const camera = found('camera', await records.camera(id));
    return reply.code(202).send(await sendCommand(deps, camera.agentId, asked));
  }
  const askAgent = async (id: z.infer<typeof agentId>, reply: FastifyReply, asked: Asked) =>
    reply.code(202).send(await sendCommand(deps, id, asked));

  app.route({
    method: 'POST',
    url: '/api/cameras/:id/capture',
    config: { access: 'operator', scope: 'capture' },
    schema: {
      tags,
      summary:
        'Take a picture now, with or without a timelapse; `force`: also where its timelapse is closed at this time',
      params: ofCamera,
      body: captureInput.nullish(),
      response,
    },
    // An older agent knows no `force`: it is only said where it is wanted.
    handler: ({ params, body }, reply) =>
      askCamera(params.id, reply, {
        type: 'capture-now',
        body: { cameraId: params.id, ...(body?.force === true ? { force: true } : {}) },
      }),
  });

  app.route({
    method: 'POST',
    url: '/api/cameras/:id/test',
    config: { access: 'operator', scope: 'capture' },
    schema: { tags, summary: 'Ask the agent whether it gets a picture of this camera', params: ofCamera, response },
    handler: ({ params }, reply) => askCamera(params.id, reply, { type: 'test-camera', body: { cameraId: params.id } }),
  });

  app.route({
    method: 'POST',
    url: '/api/cameras/:id/test-shot',
    config: { access: 'operator', scope: 'capture' },
    schema: {
      tags,
      summary:
        'Try a shape: the answer holds a small picture (`answer.picture`, base64 of a JPEG), which is not kept as a frame',
      params: ofCamera,
      body: testShotInput.nullish(),
      response,
    },
    handler: ({ params, body }, reply) =>
      askCamera(params.id, reply, { type: 'test-shot', body: { cameraId: params.id, shape: body?.shape ?? null } }),
  });

  app.route({
    method: 'POST',
    url: '/api/cameras/:id/reset',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Say that a camera is mended: its bad pictures do not count any more',
      params: ofCamera,
      response,
    },
    handler: ({ params }, reply) =>
      askCamera(params.id, reply, { type: 'reset-camera', body: { cameraId: params.id } }),
  });

  app.route({
    method: 'POST',
    url: '/api/agents/:id/backlog',
    config: { access: 'operator' },
    schema: { tags, summary: 'Ask an agent what waits for delivery, and why', params: ofAgent, response },
    handler: ({ params }, reply) => askAgent(params.id, reply, { type: 'report-backlog', body: {} }),
  });

  app.route({
    method: 'POST',
    url: '/api/agents/:id/quarantine/retry',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Deliver frames anew that an agent has set aside; all of them unless some are named',
      params: ofAgent,
      body: retryQuarantineInput.nullish(),
      response,
    },
    handler: ({ params, body }, reply) =>
      askAgent(params.id, reply, { type: 'retry-quarantine', body: { frameIds: body?.frameIds ?? null } }),
  });

  app.route({
    method: 'POST',
    url: '/api/agents/:id/reconcile',
    config: { access: 'operator' },
    schema: {
      tags,
      summary: 'Compare what an agent holds with the records; what is missing on either side is sent again or told',
      params: ofAgent,
      response,
    },
    handler: ({ params }, reply) => askAgent(params.id, reply, { type: 'reconcile', body: {} }),
  });

  app.route({
    method: 'POST',
    url: '/api/agents/:id/discover',
    config: { access: 'operator' },
    schema: {
      tags,
      summary:
        'Look for cameras in the networks of an agent; the answer lists them (`answer.cameras`), with the streams of those that tell',
      params: ofAgent,
      body: discoverInput.nullish(),
      response,
    },
    async handler({ params, body }, reply) {
      const { username = null, password = null } = body ?? {};
      wantLoginWhole(username, password !== null);
      const login =
        username === null || username === ''
          ? null
          : {
              username,
              sealedPassword: await sealFor(records, {
                agent: params.id,
                context: discoverContext(params.id),
                password: password ?? '',
              }),
            };
      return askAgent(params.id, reply, { type: 'discover', body: { forMs: DISCOVER_MS, login } });
    },
  });

  app.route({
    method: 'POST',
    url: '/api/agents/:id/restart',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Stop an agent clean, so that whoever watches over it starts it again',
      params: ofAgent,
      response,
    },
    handler: ({ params }, reply) => askAgent(params.id, reply, { type: 'restart', body: {} }),
  });

  app.route({
    method: 'POST',
    url: '/api/agents/:id/log-level',
    config: { access: 'admin' },
    schema: {
      tags,
      summary: 'Set what an agent writes into its log, for a while; then its own setting comes back',
      params: ofAgent,
      body: logLevelInput,
      response,
    },
    handler: ({ params, body }, reply) =>
      askAgent(params.id, reply, {
        type: 'set-log-level',
        body: { level: body.level, forMs: body.minutes * 60_000 },
      }),
  });

  app.route({
    method: 'GET',
    url: '/api/commands/:id',
    config: { access: 'viewer' },
    schema: {
      tags,
      summary: 'What became of a command',
      params: z.object({ id: commandId }),
      response: { 200: commandView, ...problems },
    },
    handler: async (request) => found('command', await records.command(request.params.id)),
  });
  done();
}
