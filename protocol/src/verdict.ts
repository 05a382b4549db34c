import { z } from 'zod';

/** What can be wrong with a picture. Fog, dusk, night, snow, noise, a flat sky and a calm sea are not on the list. */
export const fault = z.enum([
  'truncated',
  'undecodable',
  'black',
  'white',
  'uniform',
  'wrong-colour',
  'grey-lower-part',
  'smeared',
  'torn',
  'blurred',
  'covered',
  'obstructed',
  'no-signal',
  'over-exposed',
  'under-exposed',
  'half-black',
  'frozen',
  'view-moved',
]);
export type Fault = z.infer<typeof fault>;

export const verdict = z.strictObject({
  /** 0 to 100; 100 = perfect. */
  score: z.int().min(0).max(100),
  faults: z.array(fault).max(20),
  /** The numbers behind the score, so that a new threshold can judge the past without the pictures. */
  measures: z.record(z.string().max(40), z.number()),
  /** Which judge said so, such as `fast-1`; `judge-failed` when it could not look and the frame was kept. */
  judge: z.string().max(40),
});
export type Verdict = z.infer<typeof verdict>;
