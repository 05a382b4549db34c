import { withoutCredentials } from '@slowlight/protocol/kit';
import { expect, it } from 'vitest';

it('cuts credentials from every address in a text', () => {
  expect(withoutCredentials('from rtsp://me:sesame@cam/1 and https://me:se@same@cloud, not mail@example.org')).toBe(
    'from rtsp://***@cam/1 and https://***@cloud, not mail@example.org',
  );
});

it('takes no time worth speaking of on a long text without spaces, whoever sent it', () => {
  const began = performance.now();
  withoutCredentials('x'.repeat(1_000_000));
  withoutCredentials('a://'.repeat(50_000));
  expect(performance.now() - began).toBeLessThan(2000);
});
