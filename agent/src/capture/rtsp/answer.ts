/** What an answer that is not 200 means for the person at the mast. Pure. */
import type { Failure } from '@slowlight/protocol/kit';
import { cameraFailure } from '../camera-failure.ts';
import type { Login } from '../login.ts';

export interface Refusal {
  status: number;
  reason: string;
  method: string;
  login: Login | null;
}

export function refusalOf({ status, reason, method, login }: Refusal): Failure {
  const said = `the camera answered ${method} with ${status}${reason === '' ? '' : ` ${printable(reason)}`}`;
  switch (status) {
    case 401:
      return login === null
        ? cameraFailure('unauthorised', 'the camera asks for a login', 'Give its user name and password.')
        : cameraFailure(
            'unauthorised',
            'the camera does not accept the user name and password',
            'Type them in again; cameras lock an account after several wrong tries, so wait a few minutes before the next.',
          );
    case 403:
      return cameraFailure(
        'unauthorised',
        said,
        'This user may not see the stream: give the user the right to view it.',
      );
    case 404:
    case 410:
      return cameraFailure(
        'not-found',
        'the camera knows no stream at this path',
        'Look up the path of its stream in its manual or its web page.',
      );
    case 453:
    case 503:
      return cameraFailure('refused', said, 'It has too many viewers or is busy: end other viewers, or restart it.');
    case 461:
      return cameraFailure(
        'unsupported',
        said,
        'It does not send over TCP: allow RTP over RTSP (TCP) in its settings.',
      );
    case 301:
    case 302:
    case 305:
      return cameraFailure(
        'unsupported',
        said,
        'It sends viewers elsewhere: give the address where the stream really is.',
      );
    default:
      return cameraFailure(
        status >= 500 ? 'refused' : 'unsupported',
        said,
        status >= 500
          ? 'It has a fault of its own: restart it when this stays.'
          : 'Check the path of the stream, and whether the camera has newer firmware.',
      );
  }
}

/** A reason comes from outside: short, and without control characters. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').slice(0, 60);
}
