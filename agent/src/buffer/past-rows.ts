/** What the checks over time have learnt about each camera: texts of theirs, one for each camera and check. */
import type { CameraId } from '@slowlight/protocol';
import type { Sqlite } from './open-database.ts';

export function createPastRows(db: Sqlite) {
  const select = db.prepare<[string, string], { body: string }>(
    'SELECT body FROM pasts WHERE camera_id = ? AND kind = ?',
  );
  const upsert = db.prepare<[string, string, string]>(
    'INSERT INTO pasts (camera_id, kind, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  );
  const drop = db.prepare<[string]>('DELETE FROM pasts WHERE camera_id NOT IN (SELECT value FROM json_each(?))');
  return {
    /** Null where nothing was written. */
    read: (camera: CameraId, kind: string): string | null => select.get(camera, kind)?.body ?? null,
    /** One commit. */
    write(camera: CameraId, kind: string, body: string): void {
      upsert.run(camera, kind, body);
    },
    /** Forgets all other cameras. */
    keepOnly(cameras: readonly CameraId[]): void {
      drop.run(JSON.stringify(cameras));
    },
  };
}
