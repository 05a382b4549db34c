/**
 * Who changed what, from where. Promise: every request that may change something has its entry before it is begun, whatever
 * route it takes, and the entry tells of it without secrets.
 * It stands around the routes instead of in each of them, so that a route cannot forget it. When an entry cannot be written,
 * nothing is changed; when its end cannot be written, it stays `begun`, which says that nobody knows.
 */
import type { AuditEntry } from '@slowlight/protocol';
import { Failure, withoutCredentials } from '@slowlight/protocol/kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestAccess } from './access.ts';
import type { HttpRecords } from './deps.ts';
import type { Identity } from './people.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * `nothing`: it only answers a question, although its method says otherwise. `by-itself`: asked over and over, and what
     * it changes has its entry in the same commit. Another text is the name of what is done.
     */
    audit?: string;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const SECRET = /secret|password|token|code|recovery|privatekey|credential/i;
const HIDDEN = '(not shown)';

/** Whether a request to this route is told of. Pure. */
export const isAudited = (route: { method: string; url: string; audit?: string | undefined }): boolean =>
  !SAFE_METHODS.has(route.method) &&
  route.url.startsWith('/api/') &&
  route.audit !== 'nothing' &&
  route.audit !== 'by-itself';

/** The same value without what must not be shown: texts under names that sound like secrets, credentials in addresses. Pure. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === 'string') return withoutCredentials(value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, hides(name, inner) ? HIDDEN : withoutSecrets(inner)]),
  );
}
const hides = (name: string, value: unknown): boolean =>
  SECRET.test(name) && (typeof value === 'string' || Array.isArray(value)) && !/(^|[a-z])Id$/.test(name);

/** Of two states only the fields that differ. Pure. */
export function difference(before: unknown, after: unknown): { before: unknown; after: unknown } {
  if (!isObject(before) || !isObject(after)) return { before: before ?? null, after: after ?? null };
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  const only = (state: Record<string, unknown>) =>
    Object.fromEntries(changed.filter((name) => name in state).map((name) => [name, state[name]]));
  return { before: only(before), after: only(after) };
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface Audit {
  /** Runs when the body has been read and the request is allowed. */
  begin(request: FastifyRequest): Promise<void>;
  /** Runs before the answer is sent. */
  end(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void>;
}

interface Begun {
  id: number;
  subject: string | null;
  before: unknown;
  read: () => Promise<unknown>;
}

export function createAudit({ records, access }: { records: HttpRecords; access: RequestAccess }): Audit {
  const begun = new WeakMap<FastifyRequest, Begun>();
  const readers = readersOf(records);

  return {
    async begin(request) {
      const { url = '', config } = request.routeOptions;
      if (request.is404 || !isAudited({ method: request.method, url, audit: config.audit })) return;
      const { id: named } = request.params as { id?: unknown };
      const subject = typeof named === 'string' ? named : null;
      const read = () => readers(url, subject);
      const action = config.audit ?? `${request.method} ${url}`;
      const identity = access.identityOf(request);
      // Who logs in is known only by the name that was given; whether it was right, the end of the entry says.
      const actor =
        identity === null ? { kind: 'user' as const, id: null, name: nameIn(request.body) } : actorOf(identity);
      const before = await read();
      const id = await records.auditBegin({
        actor,
        address: request.ip,
        action,
        subject,
        siteId: access.siteOf(request),
      });
      begun.set(request, { id, subject, before, read });
    },

    async end(request, reply, payload) {
      const entry = begun.get(request);
      if (entry === undefined) return;
      begun.delete(request);
      const answer = readAnswer(payload);
      const result = resultOf(reply.statusCode);
      if (result !== 'done') {
        await records.auditEnd(entry.id, {
          result,
          code: textIn(answer, 'code'),
          before: null,
          after: withoutSecrets(request.body ?? null),
        });
        return;
      }
      const now = request.method === 'DELETE' && entry.before !== null ? null : await entry.read();
      const { before, after } = difference(entry.before, now ?? (request.method === 'DELETE' ? null : answer));
      const asked = isObject(request.body) && now === null ? { asked: request.body } : {};
      await records.auditEnd(entry.id, {
        result,
        code: null,
        before: withoutSecrets(before),
        after: withoutSecrets(isObject(after) ? { ...asked, ...after } : after),
        ...(entry.subject === null && { subject: idIn(answer) }),
      });
    },
  };
}

function actorOf(identity: Identity): AuditEntry['actor'] {
  return identity.kind === 'user'
    ? { kind: 'user', id: identity.user.id, name: identity.user.name }
    : { kind: 'token', id: identity.token.id, name: identity.token.name };
}

const resultOf = (status: number): AuditEntry['result'] =>
  status < 400 ? 'done' : status < 500 ? 'refused' : 'failed';

function readAnswer(payload: unknown): unknown {
  if (typeof payload !== 'string' || !/^\s*[{[]/.test(payload)) return null;
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return null;
  }
}

const textIn = (value: unknown, name: string): string | null => {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === 'string' ? found : null;
};
const nameIn = (body: unknown): string | null => textIn(body, 'name')?.slice(0, 120) ?? null;

/** The id of what was made: its own, or that of the thing in the answer. */
function idIn(answer: unknown): string | null {
  const own = textIn(answer, 'id');
  if (own !== null || !isObject(answer)) return own;
  return (
    Object.values(answer)
      .map((inner) => textIn(inner, 'id'))
      .find((id) => id !== null) ?? null
  );
}

/** How a thing is now, by the address of the route; null where there is none or nobody knows it. */
function readersOf(records: HttpRecords): (url: string, subject: string | null) => Promise<unknown> {
  // The ids come from addresses; whatever is no id of such a thing is simply not found.
  const byCollection: Readonly<Record<string, (id: never) => Promise<unknown>>> = {
    sites: records.site,
    agents: records.agent,
    cameras: records.camera,
    timelapses: records.timelapse,
    videos: records.video,
    users: records.user,
    shares: records.share,
    assets: records.asset,
    'overlay-templates': records.overlayTemplate,
    tokens: async (id: string) => (await records.tokens()).find((token) => token.id === id) ?? null,
  };
  return async (url, subject) => {
    if (url === '/api/retention') return records.retentionSettings();
    if (url === '/api/timelapses/:id/overlay' && subject !== null) return records.timelapseOverlay(subject as never);
    const [, collection = ''] = /^\/api\/([a-z-]+)\/:id/.exec(url) ?? [];
    const reader = byCollection[collection];
    if (reader === undefined || subject === null) return null;
    return reader(subject as never).catch(unlessAbsent);
  };
}

function unlessAbsent(thrown: unknown): null {
  if (thrown instanceof Failure && thrown.code.endsWith('not-found')) return null;
  throw thrown;
}
