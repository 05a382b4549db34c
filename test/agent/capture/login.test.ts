import { authorization, chooseChallenge } from '@slowlight/agent/src/capture/login.ts';
import { describe, expect, it } from 'vitest';

const mufasa = { username: 'Mufasa', password: 'Circle of Life' };

describe('the login at a camera', () => {
  it('answers the example of RFC 2617 without qop, as older cameras ask it', () => {
    const challenge = chooseChallenge([
      'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
    ]);
    if (challenge === null) throw new Error('no challenge');
    const asked = { method: 'GET', url: '/dir/index.html', count: 1, cnonce: 'x' };
    // MD5(MD5("Mufasa:testrealm@host.com:Circle Of Life"):nonce:MD5("GET:/dir/index.html")), RFC 2069 as corrected.
    const value = authorization(challenge, { username: 'Mufasa', password: 'Circle Of Life' }, asked);
    expect(value).toContain('response="670fd8c2df070c60b045671b8b24ff02"');
    expect(value).not.toContain('qop');
    expect(value).not.toContain('algorithm');
  });

  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('answers the example of RFC 7616 with %s', (algorithm, response) => {
    const challenge = chooseChallenge([
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`,
    ]);
    if (challenge === null) throw new Error('no challenge');
    const value = authorization(challenge, mufasa, {
      method: 'GET',
      url: '/dir/index.html',
      count: 1,
      cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    });
    expect(value).toContain(`response="${response}"`);
    expect(value).toContain('nc=00000001');
  });

  it.each([
    [['Basic realm="a"'], 'basic'],
    [['Basic realm="a"', 'Digest realm="a", nonce="n"'], 'MD5'],
    [
      ['Digest realm="a, Basic b", nonce="n", Digest realm="a", nonce="n", algorithm=SHA-256, Basic realm="x"'],
      'SHA-256',
    ],
    [['Digest realm="a", nonce="n", algorithm=SHA-512-256', 'Digest realm="a", nonce="n", algorithm=md5'], 'MD5'],
    [['Digest realm="a", nonce="n", qop="auth-int"'], null],
    [['Digest realm="a"'], null],
    [['Negotiate'], null],
    [[], null],
  ])('of %j it takes %s', (offers, expected) => {
    const chosen = chooseChallenge(offers);
    expect(chosen === null || chosen.scheme === 'basic' ? (chosen?.scheme ?? null) : chosen.algorithm).toBe(expected);
  });

  it('quotes a name with quotes and backslashes, and never holds a digest password', () => {
    const challenge = chooseChallenge(['Digest realm="r \\"x\\"", nonce="n"']);
    if (challenge === null) throw new Error('no challenge');
    const value = authorization(
      challenge,
      { username: 'a"b\\c', password: 'geheim' },
      { method: 'X', url: 'u', count: 1, cnonce: 'c' },
    );
    expect(value).toContain('username="a\\"b\\\\c"');
    expect(value).toContain('realm="r \\"x\\""');
    expect(value).not.toContain('geheim');
  });
});
