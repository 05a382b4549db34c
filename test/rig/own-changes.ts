import { expect } from 'vitest';
import type { RecordsScene } from './records-scene.ts';

/** What the audit log tells that an agent, or Slowlight itself, has done; oldest first, without `leftOut`. */
export async function ownChanges({ records }: RecordsScene, leftOut = /nothing/) {
  const all = await Promise.all(
    (['agent', 'system'] as const).map((actorKind) => records.auditEntries({ actorKind, limit: 100 })),
  );
  expect(all.flatMap(({ items }) => items).every(({ result }) => result !== 'begun')).toBe(true);
  return all
    .flatMap(({ items }) => items)
    .filter(({ action }) => !leftOut.test(action))
    .sort((a, b) => a.id - b.id)
    .map(({ actor, action, subject, siteId, before, after }) => ({
      by: actor,
      action,
      subject,
      siteId,
      before,
      after,
    }));
}
