import type { CameraFault } from '@slowlight/protocol';
import { Failure, type Retry } from '@slowlight/protocol/kit';

/** What a camera does wrong, thrown inside this room and turned into a value at its door. */
export function cameraFailure(fault: CameraFault, message: string, hint: string, cause?: unknown): Failure {
  return new Failure({ code: `capture.${fault}`, message, hint, retry: RETRY[fault], cause });
}

/**
 * `soon`: another try inside the slot can help. `later`: not before somebody has changed something; and trying a wrong
 * password again and again makes cameras lock the account.
 */
const RETRY: Record<CameraFault, Retry> = {
  unreachable: 'soon',
  refused: 'soon',
  'timed-out': 'soon',
  undecodable: 'soon',
  unauthorised: 'later',
  'not-found': 'later',
  'no-video': 'later',
  tls: 'later',
  'blocked-address': 'later',
  unsupported: 'later',
};

/** What a message may carry, characters. */
const MOST_HINT = 500;

export type CameraProblem = { code: CameraFault; hint: string; retry: Retry };

/** Reads a `cameraFailure` back; null for every other thrown thing: a fault of ours, not of the camera. */
export function problemOf(thrown: unknown): CameraProblem | null {
  if (!(thrown instanceof Failure)) return null;
  const code = thrown.code.replace(/^capture\./, '');
  return isCameraFault(code)
    ? { code, hint: `${thrown.message}. ${thrown.hint}`.slice(0, MOST_HINT), retry: thrown.retry }
    : null;
}

function isCameraFault(code: string): code is CameraFault {
  return Object.hasOwn(RETRY, code);
}
