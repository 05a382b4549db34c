/** What an S3 store complains about, in words: the only place that knows the SDK's errors. */
import { Failure, systemCode } from '@slowlight/protocol/kit';
import { objectNotFound } from './object-files.ts';

/** Whether the store answered with this HTTP status. */
export const hasStatus = (thrown: unknown, status: number): boolean => statusOf(thrown) === status;

function statusOf(thrown: unknown): number | null {
  if (typeof thrown !== 'object' || thrown === null || !('$metadata' in thrown)) return null;
  const metadata = thrown.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return null;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}

/** Translates what the SDK threw. `key` is what was asked for, if it was one object. */
export function s3Failure(cause: unknown, bucket: string, key: string | null = null): Failure {
  if (cause instanceof Failure) return cause;
  const name = cause instanceof Error ? cause.name : '';
  const status = statusOf(cause);
  if (key !== null && status === 404 && name !== 'NoSuchBucket') return objectNotFound(key, cause);
  if (status === 404)
    return new Failure({
      code: 'object.store-unreachable',
      message: `the object store has no bucket named ${bucket}`,
      hint: 'Make the bucket, or correct its name in the settings of the control plane.',
      retry: 'later',
      cause,
    });
  if (status === 401 || status === 403)
    return new Failure({
      code: 'object.store-unreachable',
      // A HEAD has no body, so the store cannot say why.
      message: `the object store refuses the access key (${name === '' || name === 'Unknown' ? `HTTP ${status}` : name})`,
      hint: `Look at the access key and its rights: it must read, write, list and delete in the bucket ${bucket}. A wrong clock is refused too.`,
      retry: 'later',
      cause,
    });
  return new Failure({
    code: 'object.store-unreachable',
    message: `the object store does not answer (${systemCode(cause) || name || 'unknown error'}${status === null ? '' : `, HTTP ${status}`})`,
    hint: 'Look whether the store runs, and whether its address and SLOWLIGHT_S3_PATH_STYLE in the settings are right.',
    retry: 'soon',
    cause,
  });
}
