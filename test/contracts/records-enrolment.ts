/** How agents come in and are kept out, as the records keep it. */
import {
  type AgentId,
  type AgentStatus,
  type BootId,
  type CredentialId,
  newCredentialId,
  newSessionId,
  type SiteId,
} from '@slowlight/protocol';
import { newKeyPair } from '@slowlight/protocol/kit';
import { expect, test } from 'vitest';
import { createEdge } from '../rig/edge.ts';
import { ownChanges } from '../rig/own-changes.ts';
import { openRecordsScene, type RecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const HOUR = 3_600_000;
const device = { name: 'pi', version: '0.1.0', system: 'linux' };
const newCredential = () => ({ id: newCredentialId(), secretHash: crypto.randomUUID(), brokerHash: '$7$x' });
const boot = (name: string) => `${name}-0000-0000` as BootId;

/** What an agent says when it connects. */
function online(
  at: number,
  {
    bootId = boot('one'),
    publicKey = newKeyPair().publicKey,
    credentialId,
  }: {
    bootId?: BootId;
    publicKey?: string;
    credentialId?: CredentialId;
  },
): AgentStatus {
  return {
    v: 1,
    session: newSessionId(),
    sentAt: at,
    type: 'agent.status',
    body: {
      status: 'online',
      bootId,
      version: '0.1.0',
      startedAt: at,
      settingsVersion: 0,
      capabilities: [],
      publicKey,
      ...(credentialId !== undefined && { credentialId }),
    },
  };
}

/** A token is made, shown, and its login fetched. */
async function enrol(
  { records, clock }: RecordsScene,
  what: { siteId: SiteId; name: string } | { replaces: AgentId },
  publicKey: string,
) {
  const hash = crypto.randomUUID();
  await records.createEnrolment(
    { ...what, needsAcceptance: false, lifeMinutes: 60 },
    { hash, expiresAt: clock.now() + HOUR },
  );
  const show = (key = publicKey) =>
    records.showToken(hash, { publicKey: key, device, address: '10.0.0.9', waitsUntil: clock.now() + 24 * HOUR });
  const shown = await show();
  if (shown.kind !== 'welcome') throw new Error(shown.kind);
  const credential = newCredential();
  let login = { agentId: '' as AgentId, firstSeq: 0 };
  const fetched = await records.fetchEnrolment(shown.id, credential, (given) => {
    login = given;
    return `sealed for ${given.agentId}`;
  });
  expect(fetched).toMatchObject({ kind: 'answered' });
  return { ...login, id: shown.id, hash, show, credential };
}

export function recordsEnrolment(openHouse: OpenHouse): void {
  test('a token lets one device in: the same key gets the same answer until it has come in, every other key none', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, site, clock } = scene;
    const key = newKeyPair().publicKey;
    const { agentId, credential, show, id } = await enrol(scene, { siteId: site.id, name: 'Mast' }, key);
    expect(await show()).toEqual({ kind: 'answered', id, sealed: `sealed for ${agentId}` });
    expect(await show(newKeyPair().publicKey)).toEqual({ kind: 'other-key' });
    expect(await records.agent(agentId)).toMatchObject({ name: 'Mast', canSeal: true, revokedAt: null });
    expect(await records.agentLogins()).toContainEqual({
      agentId,
      secretHash: credential.secretHash,
      brokerHash: credential.brokerHash,
    });
    // A second request of the same device that was on its way makes no second agent.
    const twin = await records.fetchEnrolment(id, newCredential(), () => 'another answer');
    expect(twin).toEqual({ kind: 'answered', id, sealed: `sealed for ${agentId}` });

    await records.recordStatus(agentId, online(clock.now(), { publicKey: key, credentialId: credential.id }));
    expect(await show()).toEqual({ kind: 'over', state: 'done' });
    expect((await records.enrolments()).find((one) => one.id === id)).toMatchObject({ state: 'done', agentId });
    expect(await records.credentials(agentId)).toMatchObject([{ madeBy: 'enrolment', usedAt: clock.now() }]);

    const of = { siteId: site.id };
    const nameless = { kind: 'agent', id: null };
    expect(await ownChanges(scene)).toMatchObject([
      { ...of, by: { ...nameless, name: 'pi' }, action: 'enrolment: a device shows the token', subject: id },
      { ...of, by: { ...nameless, name: 'Mast' }, action: 'agent: a device has become it', subject: agentId },
      { ...of, by: { name: 'pi' }, action: 'enrolment: a second device shows the token' },
      {
        ...of,
        by: { kind: 'agent', id: agentId, name: 'Mast' },
        action: 'agent: a credential is used',
        after: { credentials: [credential.id], madeBy: 'enrolment' },
      },
    ]);
    expect(JSON.stringify(await ownChanges(scene))).not.toContain(credential.secretHash);
  });

  test('a token that nobody used in its time, or that was taken back, lets nobody in', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, site, clock } = scene;
    const make = (hash: string) =>
      records.createEnrolment(
        { siteId: site.id, name: 'Mast', needsAcceptance: false, lifeMinutes: 60 },
        { hash, expiresAt: clock.now() + HOUR },
      );
    const show = (hash: string) =>
      records.showToken(hash, { publicKey: newKeyPair().publicKey, device, address: '::1', waitsUntil: clock.now() });
    const late = await make('late');
    const taken = await make('taken');
    expect(await records.moveEnrolment(taken.id, 'cancelled')).toMatchObject({ state: 'cancelled' });
    expect(await show('taken')).toEqual({ kind: 'over', state: 'cancelled' });
    expect(await show('never made')).toEqual({ kind: 'unknown' });
    await clock.advance(HOUR + 1);
    expect(await show('late')).toEqual({ kind: 'over', state: 'expired' });
    expect((await records.enrolments()).find((one) => one.id === late.id)?.state).toBe('expired');
    await expect(records.moveEnrolment(late.id, 'accepted')).rejects.toMatchObject({ code: 'enrolment.finished' });
  });

  test('a device that must be accepted waits until somebody decides', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, site, clock } = scene;
    const scenes = ['accepted', 'refused'] as const;
    for (const decided of scenes) {
      const { id } = await records.createEnrolment(
        { siteId: site.id, name: 'Mast', needsAcceptance: true, lifeMinutes: 60 },
        { hash: decided, expiresAt: clock.now() + HOUR },
      );
      const { publicKey } = newKeyPair();
      const show = () =>
        records.showToken(decided, { publicKey, device, address: '::1', waitsUntil: clock.now() + 24 * HOUR });
      expect(await show()).toEqual({ kind: 'waiting', id });
      await clock.advance(2 * HOUR);
      expect(await show()).toEqual({ kind: 'waiting', id });
      expect(await records.fetchEnrolment(id, newCredential(), () => 'too early')).toEqual({ kind: 'waiting', id });
      expect((await records.enrolments())[0]?.device).toMatchObject({
        name: 'pi',
        key: expect.stringMatching(/^[0-9a-f-]{19}$/),
      });
      await records.moveEnrolment(id, decided);
      expect(await show()).toEqual(
        decided === 'accepted' ? { kind: 'welcome', id } : { kind: 'over', state: 'refused' },
      );
    }
  });

  test('two credentials are good at once, until the new one is used; one that is not used is taken back', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, agent, clock } = scene;
    const hashes = async () => (await records.agentLogins()).map((login) => login.secretHash);
    const [before] = await hashes();
    const unused = newCredential();
    await records.addCredential(agent.id, unused);
    expect(await hashes()).toEqual([before, unused.secretHash]);
    await clock.advance(2 * HOUR);
    expect(await records.takeBackRotations(clock.now() - HOUR)).toEqual([agent.id]);
    expect(await hashes()).toEqual([before]);

    const used = newCredential();
    await records.addCredential(agent.id, used);
    await records.recordStatus(agent.id, online(clock.now(), {}));
    expect(await hashes()).toHaveLength(2);
    await records.recordStatus(agent.id, online(clock.now() + 1, { credentialId: used.id }));
    expect(await hashes()).toEqual([used.secretHash]);
    await clock.advance(1000);
    expect(await records.agentsWithOldCredentials(clock.now())).toEqual([agent.id]);
    expect(await records.agentsWithOldCredentials(clock.now() - 2000)).toEqual([]);
    const third = newCredential();
    await records.addCredential(agent.id, third, { ofAge: true });
    expect(await ownChanges(scene, /another key/)).toMatchObject([
      { by: { kind: 'system' }, action: 'agent: a credential that it did not use is taken back', subject: agent.id },
      { by: { kind: 'agent', name: 'Pi 1' }, action: 'agent: a credential is used', after: { madeBy: 'creation' } },
      { by: { kind: 'agent' }, action: 'agent: a credential is used', after: { credentials: [used.id] } },
      { by: { kind: 'system' }, action: expect.stringContaining('has had its days'), after: { credential: third.id } },
    ]);
  });

  test('an agent that is revoked has no login, is shown as it is, and loses what it has not reported only where that is said', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, agent, clock } = scene;
    await records.recordStatus(agent.id, online(clock.now(), {}));
    expect(await records.revokeAgent(agent.id, { giveUpSlots: false })).toBe(true);
    expect(await records.agentLogins()).toEqual([]);
    expect(await records.shutOutAgents()).toEqual([agent.id]);
    expect(await records.agent(agent.id)).toMatchObject({ state: 'offline', revokedAt: clock.now(), retiredAt: null });
    const events = (await records.feedAfter(0, 500)).map(({ event }) => event.type);
    expect(events).toContain('agent.revoked');
    await expect(records.addCredential(agent.id, newCredential())).rejects.toMatchObject({ code: 'agent.not-found' });
    expect(await records.revokeAgent('agt-0000000000000000' as AgentId, { giveUpSlots: true })).toBe(false);
  });

  test('new hardware takes the place of an agent: its numbers begin above all that is known, passwords must be typed again, the old login goes when the new one is used', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, agent, cameraId, clock } = scene;
    const old = newKeyPair().publicKey;
    await records.recordStatus(agent.id, online(clock.now(), { publicKey: old, bootId: boot('old') }));
    await records.changeCamera(cameraId, { username: 'eye', sealedPassword: 'sealed to the old key' });
    expect(await records.camera(cameraId)).toMatchObject({ hasPassword: true, passwordStale: false });
    const edge = createEdge(agent.id, clock.now());
    const said = [1, 2, 3].map(() => edge.taken(cameraId, clock.now()));
    // The second one stays on the card that is lost.
    await records.recordEvents(said.filter((_, index) => index !== 1));
    expect(await records.receiptState(agent.id)).toEqual({ recordedUpTo: 1, recordedAlso: [3] });

    const { publicKey } = newKeyPair();
    const { agentId, firstSeq, credential } = await enrol(scene, { replaces: agent.id }, publicKey);
    expect(agentId).toBe(agent.id);
    expect(firstSeq).toBeGreaterThan(1000);
    expect(await records.agentLogins(), 'the old device goes on meanwhile').toHaveLength(2);
    expect(await records.camera(cameraId)).toMatchObject({ passwordStale: false });

    await clock.advance(1000);
    await records.recordStatus(
      agent.id,
      online(clock.now(), { publicKey, bootId: boot('new'), credentialId: credential.id }),
    );
    expect((await records.agentLogins()).map((login) => login.secretHash)).toEqual([credential.secretHash]);
    expect(await records.camera(cameraId)).toMatchObject({ hasPassword: true, passwordStale: true });
    expect(await records.receiptState(agent.id)).toEqual({ recordedUpTo: firstSeq - 1, recordedAlso: [] });
    await records.changeCamera(cameraId, { sealedPassword: 'sealed to the new key' });
    expect(await records.camera(cameraId)).toMatchObject({ hasPassword: true, passwordStale: false });
    expect((await records.agent(agent.id))?.cloneSuspected).toBeNull();
    expect((await ownChanges(scene)).slice(2)).toMatchObject([
      { by: { id: agent.id }, action: 'agent: a device is given its place' },
      { by: { id: agent.id }, action: 'agent: another device has taken its place' },
      { action: 'agent: it has another key', before: { publicKey: old }, after: { passwordsToTypeAgain: [cameraId] } },
    ]);
  });

  test('the same device that is enrolled again keeps its numbers', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, agent, clock } = scene;
    const { publicKey } = newKeyPair();
    await records.recordStatus(agent.id, online(clock.now(), { publicKey }));
    await records.revokeAgent(agent.id, { giveUpSlots: false });
    const { firstSeq, credential } = await enrol(scene, { replaces: agent.id }, publicKey);
    expect(firstSeq).toBe(1);
    expect(await records.agent(agent.id)).toMatchObject({ revokedAt: null });
    expect((await records.agentLogins()).map((login) => login.secretHash)).toEqual([credential.secretHash]);
    await records.recordStatus(agent.id, online(clock.now(), { publicKey, credentialId: credential.id }));
    expect(await records.receiptState(agent.id)).toEqual({ recordedUpTo: 0, recordedAlso: [] });
  });

  test('an earlier start that comes back after a later one is a copied card: shown, told, kept as a fault, once', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, agent, clock } = scene;
    const suspected = async () => (await records.agent(agent.id))?.cloneSuspected ?? null;
    const comes = (bootId: BootId) => records.recordStatus(agent.id, online(clock.now(), { bootId }));
    for (const bootId of [boot('one'), boot('one'), boot('two'), boot('two')]) await comes(bootId);
    expect(await suspected(), 'a device may start anew').toBeNull();
    await clock.advance(5);
    await comes(boot('one'));
    expect(await suspected()).toEqual({ at: clock.now(), reason: 'two-boots' });
    for (const bootId of [boot('two'), boot('one')]) await comes(bootId);
    const { items: faults } = await records.faults({ limit: 50 });
    expect(faults.map(({ code }) => code)).toEqual(['agent.clone-suspected']);
    const told = (await records.feedAfter(0, 500)).filter(({ event }) => event.type === 'agent.clone-suspected');
    expect(told).toHaveLength(1);
    expect(await ownChanges(scene, /another key|is used/)).toMatchObject([
      { by: { kind: 'system' }, action: 'agent: a copied card is suspected', subject: agent.id },
    ]);
    expect(await records.clearClone(agent.id)).toBe(true);
    expect(await suspected()).toBeNull();
  });

  test('the same number with other content is a copied card too', async (context) => {
    const scene = await openRecordsScene(openHouse, context);
    const { records, agent, cameraId, clock } = scene;
    const [one, other] = [createEdge(agent.id, clock.now()), createEdge(agent.id, clock.now())];
    await records.recordEvents([one.taken(cameraId, clock.now())]);
    await records.recordEvents([other.taken(cameraId, clock.now() + 7)]);
    expect((await records.agent(agent.id))?.cloneSuspected).toMatchObject({ reason: 'conflict' });
  });
}
