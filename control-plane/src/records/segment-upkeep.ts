/**
 * What keeps the pieces of films in order: those that no film wants any more go, and jobs that wait in vain are woken.
 * A piece is first made unreachable (`going`), then its object is removed, then its row: whatever falls between is found again.
 */
import type { SegmentRecords } from '../ports-films.ts';
import { chunked } from './chunked.ts';
import type { Database } from './database.ts';

export type SegmentUpkeep = Pick<
  SegmentRecords,
  'takeUnusedSegments' | 'forgetSegment' | 'unclaimedFilmKeys' | 'releaseStranded'
>;

const AT_ONCE = 500;
/** All that a film may have in the object store beside its pieces. */
const FILM_KEYS = ['object_key', 'poster_key', 'gif_key', 'webp_key'] as const;

export function createSegmentUpkeep({ db, change }: Database): SegmentUpkeep {
  return {
    takeUnusedSegments: (before, limit) =>
      change(async ({ tx }) => {
        const rows = await tx
          .updateTable('segments')
          .set({ state: 'going' })
          .where('address', 'in', (eb) =>
            eb
              .selectFrom('segments as old')
              .select('old.address')
              .where('old.used_at', '<', before)
              .where(({ not, exists, selectFrom }) =>
                not(
                  exists(
                    selectFrom('video_segments')
                      .select('address')
                      .whereRef('video_segments.address', '=', 'old.address'),
                  ),
                ),
              )
              .where(({ not, exists, selectFrom }) =>
                not(
                  exists(
                    selectFrom('shown_segments')
                      .select('address')
                      .whereRef('shown_segments.address', '=', 'old.address'),
                  ),
                ),
              )
              .orderBy('old.used_at')
              .limit(limit),
          )
          .returning(['address', 'object_key'])
          .execute();
        return rows.map((row) => ({ address: row.address, key: row.object_key }));
      }),

    async forgetSegment(address) {
      await db.deleteFrom('segments').where('address', '=', address).where('state', '=', 'going').execute();
    },

    async unclaimedFilmKeys(keys) {
      const claimed = new Set<string | null>();
      for (const some of chunked(keys, AT_ONCE)) {
        const segments = await db.selectFrom('segments').select('object_key').where('object_key', 'in', some).execute();
        const films = await db
          .selectFrom('videos')
          .select(FILM_KEYS)
          .where((eb) => eb.or(FILM_KEYS.map((key) => eb(key, 'in', some))))
          .execute();
        for (const row of segments) claimed.add(row.object_key);
        for (const row of films) for (const key of FILM_KEYS) claimed.add(row[key]);
      }
      return keys.filter((key) => !claimed.has(key));
    },

    releaseStranded: () =>
      change(async (within) => {
        const jobs = await within.tx
          .updateTable('jobs')
          .set({ needs: 0 })
          .where('state', '=', 'waiting')
          .where('needs', '>', 0)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('job_needs')
                  .innerJoin('jobs as other', (join) =>
                    join.onRef('other.kind', '=', 'job_needs.kind').onRef('other.subject', '=', 'job_needs.subject'),
                  )
                  .select('other.id')
                  .whereRef('job_needs.job_id', '=', 'jobs.id')
                  .where('other.state', 'in', ['waiting', 'running']),
              ),
            ),
          )
          .returning('id')
          .execute();
        if (jobs.length > 0) within.ring('planned');
        return jobs.length;
      }),
  };
}
