/** What can be wrong with a connection to the broker of a house, in words. Pure. */
import { Failure } from '@slowlight/protocol/kit';

const LOGIN_REFUSED = new Set<unknown>([4, 5, 0x86, 0x87]);
/** The version of the protocol: as MQTT 3.1.1 and MQTT 5 say it. */
const WRONG_VERSION = new Set<unknown>([1, 0x84]);
const TAKEN_OVER = 0x8e;
const CERTIFICATE =
  /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ERR_TLS|ERR_SSL|EPROTO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/;

/** @param cause whatever the library said; null: the connection just ended */
export function linkFailure(address: string, cause: unknown): Failure {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  if (LOGIN_REFUSED.has(code))
    return failure('home.login-refused', `the broker at ${address} refuses the login`, {
      hint: 'Look at the user name and the password, and at the broker’s own list of users.',
      retry: 'later',
      cause,
    });
  if (WRONG_VERSION.has(code))
    return failure('home.wrong-version', `the broker at ${address} does not speak this version of MQTT`, {
      hint: 'Choose MQTT 3.1.1 for this connection.',
      retry: 'later',
      cause,
    });
  if (code === TAKEN_OVER)
    return failure('home.taken-over', `somebody else came to the broker at ${address} under the same client id`, {
      hint: 'Let only one control plane of these records speak with houses: set SLOWLIGHT_HOME_AUTOMATION=off for the others.',
      retry: 'later',
      cause,
    });
  if (typeof code === 'string' && CERTIFICATE.test(code))
    return failure('home.certificate', `the certificate of the broker at ${address} is not trusted (${code})`, {
      hint: 'Give the certificate of the authority that signed it (PEM), and the name that it was made for as address.',
      retry: 'later',
      cause,
    });
  const why = code === null || code === undefined ? '' : ` (${String(code)})`;
  return failure('home.unreachable', `there is no connection to the broker at ${address}${why}`, {
    hint: 'Look whether the broker runs and whether its address is right: mqtt:// or mqtts://, host and port.',
    retry: 'soon',
    cause,
  });
}

function failure(code: string, message: string, more: { hint: string; retry: 'soon' | 'later'; cause: unknown }) {
  return new Failure({ code, message, ...more });
}
