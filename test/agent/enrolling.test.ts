import { untrusted } from '@slowlight/agent/src/enrolment/exchange.ts';
import { unreachable } from '@slowlight/agent/src/enrolment/trust.ts';
import { expect, test } from 'vitest';

const url = new URL('https://mast.example:8443');
const because = (code: string) => Object.assign(new Error(code), { code });
/** A device without a battery for its clock. */
const NEW_YEAR_1970 = 3_600_000;

test.for([
  ['CERT_NOT_YET_VALID', { ca: 'PEM', only: true }, 'which says 1970-01-01T01:00 UTC. If that is wrong, set the clock'],
  ['CERT_HAS_EXPIRED', { ca: 'PEM', only: true }, 'have the control plane’s certificate renewed'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', { ca: 'PEM', only: true }, 'add mast.example to SLOWLIGHT_TLS_NAMES'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', { ca: null, only: false }, 'Copy the whole command with its --pin'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', { ca: 'PEM', only: false }, 'whether the file of --ca-file is that of'],
  [
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    { ca: 'PEM', only: true },
    'The pin is not that of the authority which signed it',
  ],
] as const)('a certificate that fails with %s is told with what to do about it', ([code, trust, says]) => {
  const failure = untrusted(url, trust, because(code), NEW_YEAR_1970);
  expect(failure).toMatchObject({ code: 'enroll.tls', message: expect.stringContaining('the token was not sent') });
  expect(failure.hint).toContain(says);
});

test.for([
  ['ECONNREFUSED', 'nothing listens under this port'],
  ['ENOTFOUND', 'give the address in figures'],
  ['EAI_AGAIN', 'give the address in figures'],
  ['ENETUNREACH', 'whether this device has a network'],
] as const)('a control plane that is not reached (%s) is told with what to look at', ([code, says]) => {
  const failure = unreachable(url, because(code));
  expect(failure).toMatchObject({ code: 'enroll.unreachable', retry: 'soon' });
  expect(failure.hint).toContain(says);
});
