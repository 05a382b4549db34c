import { newSessionId, type SessionId } from '@slowlight/protocol';
import { expect, test } from 'vitest';
import { openRecordsScene } from '../rig/records-scene.ts';
import type { OpenHouse } from './records.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

export function recordsPeople(openHouse: OpenHouse): void {
  test('what an old connection says changes nothing', async (context) => {
    const { records, agent, now } = await openRecordsScene(openHouse, context);
    const publicKey = `${'A'.repeat(43)}=`;
    const say = (session: SessionId, sentAt: number, status: 'online' | 'offline' | 'stopped', settingsVersion = 3) =>
      records.recordStatus(agent.id, {
        v: 1,
        session,
        sentAt,
        type: 'agent.status',
        body:
          status === 'online'
            ? {
                status,
                bootId: 'boot-0001' as never,
                version: '0.1.0',
                startedAt: now,
                settingsVersion,
                capabilities: [],
                publicKey,
              }
            : { status },
      });
    const [first, second, third, unseen] = [newSessionId(), newSessionId(), newSessionId(), newSessionId()];
    const state = async () => (await records.agent(agent.id))?.state;
    expect(await records.agentPublicKey(agent.id)).toBeNull();
    await say(first, now, 'online');
    expect(await records.agent(agent.id)).toMatchObject({
      state: 'online',
      stateSince: now,
      version: '0.1.0',
      canSeal: true,
      settingsApplied: 3,
    });
    expect(await records.agentPublicKey(agent.id)).toBe(publicKey);
    // A new connection of an agent whose clock has gone back.
    await say(second, now - DAY, 'online');
    await say(first, now, 'offline');
    expect(await state()).toBe('online');
    await say(first, now + 5, 'online');
    await say(second, now - DAY, 'offline');
    expect(await state()).toBe('offline');
    await say(second, now - DAY + 9, 'online', 2);
    expect((await records.agent(agent.id))?.settingsApplied, 'the copy that the broker kept is older').toBe(3);
    await say(unseen, now - 2 * DAY, 'offline');
    expect(await state()).toBe('online');
    await say(second, now - DAY + 10, 'stopped');
    await say(second, now - DAY, 'offline');
    expect(await state()).toBe('stopped');
    await say(third, now, 'online', 1);
    expect(await records.agent(agent.id)).toMatchObject({ state: 'online', settingsApplied: 1 });
    await say(newSessionId(), now + DAY, 'offline');
    expect(await state()).toBe('offline');
    const types = (await records.feedAfter(0, 100)).map((entry) => entry.event.type);
    expect(types.filter((type) => /^agent\.(online|offline|stopped)$/.test(type))).toEqual([
      'agent.online',
      'agent.offline',
      'agent.online',
      'agent.stopped',
      'agent.online',
      'agent.offline',
    ]);
  });

  test('users, sessions and tokens come and go', async (context) => {
    const { records, clock, now } = await openRecordsScene(openHouse, context);
    expect(await records.userCount()).toBe(0);
    const user = await records.createUser({
      name: 'Ada',
      role: 'admin',
      passwordHash: 'first',
      mustChangePassword: true,
    });
    await expect(
      records.createUser({ name: ' ADA ', role: 'viewer', passwordHash: 'x', mustChangePassword: false }),
    ).rejects.toMatchObject({ code: 'user.exists' });
    expect(await records.userCount()).toBe(1);
    expect(await records.userByName('ada')).toEqual({ ...user, passwordHash: 'first', secondFactor: null });
    expect(await records.userByName('eve')).toBeNull();
    await records.changePassword(user.id, 'second');
    const changed = { ...user, mustChangePassword: false };
    expect(await records.userByName('Ada')).toEqual({ ...changed, passwordHash: 'second', secondFactor: null });
    const seen = { ...changed, lastLoginAt: now };

    for (const [hash, minutes] of [
      ['1'.repeat(64), 10],
      ['2'.repeat(64), 20],
    ] as const)
      await records.createSession({ secretHash: hash, userId: user.id, expiresAt: now + minutes * MINUTE });
    expect(await records.sessionUser('1'.repeat(64))).toEqual(seen);
    await clock.advance(10 * MINUTE);
    expect(await records.sessionUser('1'.repeat(64))).toBeNull();
    await records.extendSession('1'.repeat(64), now + 99 * MINUTE);
    expect(await records.sessionUser('1'.repeat(64))).toBeNull();
    await records.extendSession('2'.repeat(64), now + 30 * MINUTE);
    await clock.advance(15 * MINUTE);
    expect(await records.sessionUser('2'.repeat(64))).toEqual(seen);
    await records.deleteSession('2'.repeat(64));
    expect(await records.sessionUser('2'.repeat(64))).toBeNull();
    await records.createSession({ secretHash: '3'.repeat(64), userId: user.id, expiresAt: now + 9 * DAY });
    await records.deleteSessionsOf(user.id);
    expect(await records.sessionUser('3'.repeat(64))).toBeNull();

    const token = await records.createToken({
      name: 'Home',
      role: 'viewer',
      expiresAt: now + DAY,
      secretHash: 'f'.repeat(64),
    });
    expect(token.lastUsedAt).toBeNull();
    expect((await records.tokenBySecret('f'.repeat(64)))?.lastUsedAt).toBe(clock.now());
    const usedAt = clock.now();
    await clock.advance(MINUTE - 1);
    expect((await records.tokenBySecret('f'.repeat(64)))?.lastUsedAt).toBe(usedAt);
    await clock.advance(1);
    expect((await records.tokenBySecret('f'.repeat(64)))?.lastUsedAt).toBe(usedAt + MINUTE);
    expect(await records.tokens()).toEqual([{ ...token, lastUsedAt: usedAt + MINUTE }]);
    await clock.advance(DAY);
    expect(await records.tokenBySecret('f'.repeat(64))).toBeNull();
    expect(await records.deleteToken(token.id)).toBe(true);
    expect(await records.deleteToken(token.id)).toBe(false);
  });
}
