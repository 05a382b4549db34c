/**
 * Promise: a token lets one device in, once; whoever shows it first has it, and gets the same answer as often as it asks.
 * Invariants: an agent is made when its device fetches its login, in one transaction with its credential and the answer; the
 * answer is sealed to the device's key and goes when the device has come in.
 */
import { createHash } from 'node:crypto';
import { type EnrolmentId, type EnrolmentView, newEnrolmentId } from '@slowlight/protocol';
import { Failure } from '@slowlight/protocol/kit';
import type { Selectable } from 'kysely';
import type { EnrolmentRecords, EnrolmentStep } from '../ports-enrolment.ts';
import { insertAgent } from './agents.ts';
import type { Change, Database } from './database.ts';
import { notFound } from './not-found.ts';
import { noteOwnChange } from './own-changes.ts';
import type { EnrolmentsTable } from './schema-enrolment.ts';
import { lockAgent } from './settings.ts';

type Enrolments = Pick<
  EnrolmentRecords,
  'createEnrolment' | 'enrolments' | 'moveEnrolment' | 'showToken' | 'fetchEnrolment'
>;
type Row = Selectable<EnrolmentsTable>;

/** Those that are over are shown for a day. */
const SHOWN_MS = 86_400_000;
const MOST_SHOWN = 200;
/** The same device may ask for its answer again for so long, ms. */
const ANSWERED_MS = 86_400_000;
/** What the device before had not delivered when this one was made may still come: its numbers are kept free. */
const SEQ_APART = 1_000_000;

export function createEnrolments({ db, clock, change, dialect }: Database): Enrolments {
  const isOver = (row: Row) => row.expires_at <= clock.now();
  const stateOf = (row: Row): EnrolmentView['state'] =>
    ['open', 'waiting', 'accepted'].includes(row.state) && isOver(row) ? 'expired' : row.state;
  const view = (row: Row): EnrolmentView => ({
    id: row.id,
    siteId: row.site_id,
    name: row.name,
    replaces: row.replaces,
    needsAcceptance: row.needs_acceptance === 1,
    state: stateOf(row),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    device: row.device === null ? null : (JSON.parse(row.device) as EnrolmentView['device']),
    agentId: row.agent_id,
  });

  const lockBy = ({ tx }: Change, column: 'id' | 'token_hash', value: string) => {
    let query = tx.selectFrom('enrolments').selectAll().where(column, '=', value);
    if (dialect === 'postgres') query = query.forUpdate();
    return query.executeTakeFirst();
  };

  function stepOf(row: Row, publicKey: string): EnrolmentStep {
    const state = stateOf(row);
    if (state === 'refused' || state === 'cancelled' || state === 'expired') return { kind: 'over', state };
    if (row.public_key !== publicKey) return { kind: 'other-key' };
    if (state === 'done' || (state === 'fetched' && isOver(row))) return { kind: 'over', state: 'done' };
    if (state === 'fetched') return { kind: 'answered', id: row.id, sealed: row.answer ?? '' };
    return { kind: state === 'accepted' ? 'welcome' : 'waiting', id: row.id };
  }

  return {
    createEnrolment: (input, { hash, expiresAt }) =>
      change(async ({ tx, now, tell }) => {
        await tx
          .deleteFrom('enrolments')
          .where('expires_at', '<', now - 30 * SHOWN_MS)
          .execute();
        const place = 'replaces' in input ? await agentToReplace(tx, input.replaces) : input;
        if (!('replaces' in input)) {
          const site = await tx.selectFrom('sites').select('id').where('id', '=', input.siteId).executeTakeFirst();
          if (site === undefined) throw notFound('site', input.siteId);
        }
        const row = await tx
          .insertInto('enrolments')
          .values({
            id: newEnrolmentId(),
            token_hash: hash,
            site_id: place.siteId,
            name: place.name,
            replaces: 'replaces' in input ? input.replaces : null,
            needs_acceptance: input.needsAcceptance ? 1 : 0,
            state: 'open',
            created_at: now,
            expires_at: expiresAt,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        tell({ type: 'enrolment.changed', body: { enrolmentId: row.id, agentId: row.replaces } });
        return view(row);
      }),

    async enrolments(sites) {
      let query = db.selectFrom('enrolments').selectAll();
      if (sites !== undefined && sites.length === 0) return [];
      if (sites !== undefined) query = query.where('site_id', 'in', sites);
      const rows = await query
        .where('expires_at', '>', clock.now() - SHOWN_MS)
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(MOST_SHOWN)
        .execute();
      return rows.map(view);
    },

    moveEnrolment: (id, to) =>
      change(async (within) => {
        const row = await lockBy(within, 'id', id);
        if (row === undefined) return null;
        const state = stateOf(row);
        if (state === to) return view(row);
        const mayMove = to === 'cancelled' ? ['open', 'waiting', 'accepted'] : ['waiting'];
        if (!mayMove.includes(state)) throw finished(state);
        return view(await move(within, id, { state: to }));
      }),

    showToken: (tokenHash, { publicKey, device, address, waitsUntil }) =>
      change(async (within): Promise<EnrolmentStep> => {
        const row = await lockBy(within, 'token_hash', tokenHash);
        if (row === undefined) return { kind: 'unknown' };
        const entry = {
          actor: byDevice(row, device.name),
          address,
          subject: row.id,
          siteId: row.site_id,
          before: null,
        };
        const key = fingerprintOf(publicKey);
        if (row.state !== 'open' || isOver(row)) {
          const step = stepOf(row, publicKey);
          if (step.kind === 'other-key')
            await noteOwnChange(within, {
              ...entry,
              action: 'enrolment: a second device shows the token',
              refusedAs: 'enrolment.other-key',
              after: { device: { ...device, key } },
            });
          return step;
        }
        const bound = await move(within, row.id, {
          state: row.needs_acceptance === 1 ? 'waiting' : 'accepted',
          public_key: publicKey,
          device: JSON.stringify({ ...device, address, key }),
          expires_at: row.needs_acceptance === 1 ? waitsUntil : row.expires_at,
        });
        await noteOwnChange(within, {
          ...entry,
          action: 'enrolment: a device shows the token',
          after: { state: bound.state, device: { ...device, key } },
        });
        return stepOf(bound, publicKey);
      }),

    fetchEnrolment: (id, credential, compose) =>
      change(async (within): Promise<EnrolmentStep> => {
        const { tx, now } = within;
        const row = await lockBy(within, 'id', id);
        if (row === undefined || row.public_key === null) return { kind: 'unknown' };
        if (stateOf(row) !== 'accepted') return stepOf(row, row.public_key);
        const login = await (row.replaces === null
          ? newAgent(within, row, credential.secretHash)
          : replaced(within, row));
        await tx
          .insertInto('agent_credentials')
          .values({
            id: credential.id,
            agent_id: login.agentId,
            secret_hash: credential.secretHash,
            broker_hash: credential.brokerHash,
            made_by: login.sameDevice ? 'enrolment' : 'replacement',
            made_at: now,
            first_seq: login.firstSeq,
          })
          .execute();
        await noteOwnChange(within, {
          actor: byDevice(row, row.name),
          action: row.replaces === null ? 'agent: a device has become it' : 'agent: a device is given its place',
          subject: login.agentId,
          siteId: row.site_id,
          before: null,
          after: { enrolment: id, credential: credential.id, key: fingerprintOf(row.public_key) },
        });
        within.tell({ type: 'agent.changed', body: { agentId: login.agentId, change: 'changed' } });
        const answered = await move(within, id, {
          state: 'fetched',
          agent_id: login.agentId,
          credential_id: credential.id,
          answer: compose(login),
          expires_at: now + ANSWERED_MS,
        });
        return stepOf(answered, row.public_key);
      }),
  };
}

async function move({ tx, tell }: Change, id: EnrolmentId, columns: Partial<Row>): Promise<Row> {
  const row = await tx
    .updateTable('enrolments')
    .set(columns)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  tell({ type: 'enrolment.changed', body: { enrolmentId: id, agentId: row.agent_id ?? row.replaces } });
  return row;
}

async function newAgent(within: Change, { site_id: siteId, name, public_key }: Row, secretHash: string) {
  const agent = await insertAgent(within, { siteId, name, secretHash });
  // Known before it has been online: its cameras can be added at once.
  await within.tx.updateTable('agents').set({ public_key }).where('id', '=', agent.id).execute();
  return { agentId: agent.id, firstSeq: 1, sameDevice: true };
}

/** `sameDevice`: it was lost by its login alone, and its card is the one that the agent had. */
async function replaced(within: Change, { replaces, public_key: publicKey }: Row) {
  const { tx } = within;
  if (replaces === null) throw new Error('an enrolment without an agent to replace');
  await lockAgent(within, replaces);
  const agent = await tx
    .updateTable('agents')
    .set({ revoked_at: null })
    .where('id', '=', replaces)
    .returning(['recorded_up_to', 'public_key'])
    .executeTakeFirstOrThrow();
  if (agent.public_key === publicKey) return { agentId: replaces, firstSeq: 1, sameDevice: true };
  const newest = await tx
    .selectFrom('inbox')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .where('agent_id', '=', replaces)
    .executeTakeFirst();
  const firstSeq = Math.max(agent.recorded_up_to, newest?.seq ?? 0) + SEQ_APART + 1;
  return { agentId: replaces, firstSeq, sameDevice: false };
}

async function agentToReplace(tx: Change['tx'], id: NonNullable<Row['replaces']>) {
  const row = await tx
    .selectFrom('agents')
    .select(['site_id', 'name', 'retired_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('agent', id);
  if (row.retired_at === null) return { siteId: row.site_id, name: row.name };
  throw new Failure({
    code: 'agent.finished',
    message: `The agent ${row.name} was given up for good, so nothing can take its place.`,
    hint: 'Add a new agent instead; the frames of the old one stay.',
    retry: 'never',
  });
}

/** A device that has no name yet, or the one of the agent whose place it is to take. */
const byDevice = ({ replaces }: Row, name: string) => ({ kind: 'agent' as const, id: replaces, name });

/** As people compare it. */
const fingerprintOf = (publicKey: string): string =>
  createHash('sha256')
    .update(publicKey, 'base64')
    .digest('hex')
    .slice(0, 16)
    .replace(/(.{4})(?=.)/g, '$1-');

const finished = (state: string) =>
  new Failure({
    code: 'enrolment.finished',
    message: `This enrolment is ${state}, so nothing can be decided about it any more.`,
    hint: 'Make a new one, and enrol the device with its token.',
    retry: 'never',
  });
