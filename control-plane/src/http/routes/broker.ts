/**
 * The door for brokers that ask who may come in and who may do what: EMQX 5 (JSON, answers in the body), VerneMQ (webhooks),
 * and what asks with a form and reads the status (mosquitto-go-auth, EMQX 4, HiveMQ extensions of that kind).
 *
 * Promise: nobody is answered without the shared secret; what is not understood is denied; an answer comes from memory.
 * Off (404) where no secret is set.
 */
import { Failure } from '@slowlight/protocol/kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Api } from '../api.ts';
import type { BrokerAsks, BrokerDoor } from '../deps.ts';
import { notFound } from '../problems.ts';

/** A broker asks for each login and each message; people's limit is not its. */
const MOST_QUESTIONS_A_MINUTE = 600_000;
/** Of one address; so many tries at the secret, and then it has to wait. */
const MOST_WRONG_SECRETS_A_MINUTE = 30;

const tags = ['broker'];
const word = z.string().max(2048);
const yes = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0', '']).transform((text) => ['true', '1'].includes(text)),
]);
const number = z.union([z.int(), z.string().regex(/^\d$/).transform(Number)]);
const question = z.object({
  username: word.nullish(),
  password: word.nullish(),
  clientid: word.nullish(),
  client_id: word.nullish(),
  topic: word.nullish(),
  topics: z
    .array(z.object({ topic: word, qos: z.int().min(0).max(2).optional() }))
    .max(100)
    .nullish(),
  /** EMQX. */
  action: word.nullish(),
  /** Classic: 1 read, 2 write, 3 both, 4 subscribe. */
  acc: number.nullish(),
  qos: number.nullish(),
  retain: yes.nullish(),
});
type Question = z.infer<typeof question>;

export function brokerRoutes(app: Api, { brokerAsks }: { brokerAsks: BrokerAsks | null }, done: () => void): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) =>
    parsed(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );

  const isSecret = (request: FastifyRequest): boolean =>
    brokerAsks?.isSecret(secretOf(request.headers.authorization) ?? '') ?? false;
  const askedBy = (request: FastifyRequest): BrokerDoor => {
    if (brokerAsks === null) throw notFound('address');
    if (!isSecret(request)) throw wrongSecret();
    return brokerAsks.door;
  };
  const rateLimit = {
    max: (request: FastifyRequest) => (isSecret(request) ? MOST_QUESTIONS_A_MINUTE : MOST_WRONG_SECRETS_A_MINUTE),
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => `${isSecret(request) ? 'broker' : 'stranger'} ${request.ip}`,
  };
  const config = { access: 'open', rateLimit } as const;

  app.route({
    method: 'POST',
    url: '/api/broker/auth',
    config,
    schema: { tags, summary: 'For an external broker that shows the secret: may this client come in?' },
    handler(request, reply) {
      const door = askedBy(request);
      const asked = question.safeParse(request.body);
      const may =
        asked.success &&
        door.mayEnter({
          username: asked.data.username ?? '',
          password: asked.data.password ?? '',
          clientId: asked.data.clientid ?? asked.data.client_id ?? '',
        });
      return answer(request, reply, may);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/broker/acl',
    config,
    schema: { tags, summary: 'For an external broker that shows the secret: may this client do this with a topic?' },
    handler(request, reply) {
      const door = askedBy(request);
      const asked = question.safeParse(request.body);
      return answer(request, reply, asked.success && mayDo(door, asked.data, hookOf(request)));
    },
  });
  done();
}

/** The one act that is asked about, or all of several; what is not said is not allowed. Pure but for the door. */
function mayDo(door: BrokerDoor, asked: Question, hook: string | null): boolean {
  const who = { username: asked.username ?? '', clientId: asked.clientid ?? asked.client_id ?? '' };
  const how = { qos: asked.qos ?? 0, retain: asked.retain ?? false };
  const acts = actsOf(asked, hook);
  const topics = asked.topics?.map(({ topic }) => topic) ?? (asked.topic ? [asked.topic] : []);
  if (acts.length === 0 || topics.length === 0) return false;
  return topics.every((topic) => acts.every((act) => door.mayDo({ ...who, act, topic, ...how })));
}

type Act = Parameters<BrokerDoor['mayDo']>[0]['act'];

function actsOf({ action, acc }: Question, hook: string | null): Act[] {
  if (hook === 'auth_on_publish' || hook === 'auth_on_publish_m5') return ['publish'];
  if (hook === 'auth_on_subscribe' || hook === 'auth_on_subscribe_m5') return ['subscribe'];
  if (action === 'publish' || action === 'subscribe') return [action];
  const classic: Readonly<Record<number, Act[]>> = {
    1: ['receive'],
    2: ['publish'],
    3: ['publish', 'receive'],
    4: ['subscribe'],
  };
  return acc === null || acc === undefined ? [] : (classic[acc] ?? []);
}

const hookOf = (request: FastifyRequest): string | null => {
  const hook = request.headers['vernemq-hook'];
  return typeof hook === 'string' ? hook : null;
};

/** In the way in which whoever asks reads it. */
function answer(request: FastifyRequest, reply: FastifyReply, may: boolean): FastifyReply {
  if (hookOf(request) !== null) return reply.send(may ? { result: 'ok' } : { result: { error: 'not_allowed' } });
  const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  const isClassic = isForm || (typeof request.body === 'object' && request.body !== null && 'acc' in request.body);
  return reply.code(may || !isClassic ? 200 : 403).send({ result: may ? 'allow' : 'deny', is_superuser: false });
}

/** As a bearer token, or as the password of a Basic login with any name. */
function secretOf(header: string | undefined): string | null {
  const bearer = /^Bearer (\S{1,512})$/i.exec(header ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic ([A-Za-z0-9+/=]{1,1024})$/i.exec(header ?? '')?.[1];
  return basic === undefined
    ? null
    : Buffer.from(basic, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:/, '');
}

const wrongSecret = () =>
  new Failure({
    code: 'login.needed',
    message: 'Only a broker with the shared secret is answered here.',
    hint: 'Send SLOWLIGHT_BROKER_HTTP_SECRET in the header Authorization: Bearer <secret>.',
    retry: 'never',
  });
