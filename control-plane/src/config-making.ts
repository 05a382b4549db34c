/** The settings of what is made of frames: who makes it, and how much at once. */
import { z } from 'zod';
import { text, whole } from './config-values.ts';

const ROLES = ['api', 'ingest', 'worker'] as const;
export type Role = (typeof ROLES)[number];

const VIDEO_ENCODERS = ['auto', 'software', 'vaapi', 'qsv', 'nvenc', 'v4l2m2m'] as const;
/** What encodes films; `auto`: the first hardware that works, else software. */
export type VideoEncoder = (typeof VIDEO_ENCODERS)[number];

export const makingVariables = {
  SLOWLIGHT_VIDEO_ENCODER: z
    .enum(VIDEO_ENCODERS, `must be ${VIDEO_ENCODERS.slice(0, -1).join(', ')} or ${VIDEO_ENCODERS.at(-1)}`)
    .default('software'),
  SLOWLIGHT_ENCODERS: whole(1, 32, 'encoders').default(2),
  SLOWLIGHT_ROLES: text
    .transform((value) => value.split(',').map((one) => one.trim()))
    .refine(
      (roles): roles is Role[] => roles.every((one) => ROLES.some((role) => role === one)),
      `must be some of ${ROLES.join(', ')} with commas between`,
    )
    .default([...ROLES]),
};

export interface Roles {
  /** Takes in what agents say, and answers people. */
  serves: boolean;
  /** Makes thumbnails, overlays and films. */
  works: boolean;
}

/** Pure: what the roles come to. A problem is told for each thing that cannot be obeyed. */
export function arrangeRoles(
  read: { SLOWLIGHT_ROLES: readonly Role[]; SLOWLIGHT_RECORDS: 'sqlite' | 'postgres' },
  problems: string[],
): Roles {
  const roles = new Set(read.SLOWLIGHT_ROLES);
  if (roles.has('api') !== roles.has('ingest'))
    problems.push('SLOWLIGHT_ROLES must name api and ingest together: what agents show and are told goes through both');
  if (roles.size < ROLES.length && read.SLOWLIGHT_RECORDS === 'sqlite')
    problems.push(
      'SLOWLIGHT_ROLES must be left out while SLOWLIGHT_RECORDS is sqlite, because one process alone may open that file; take postgres to have workers of their own',
    );
  return { serves: roles.has('api'), works: roles.has('worker') };
}
