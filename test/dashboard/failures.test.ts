/** What the server says of its failures, and what a German page says of them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { statusOfCode } from '@slowlight/control-plane/src/http/problems.ts';
import { failures } from '@slowlight/dashboard/src/words/german/failures.ts';
import { fieldProblem } from '@slowlight/dashboard/src/words/german/field-problems.ts';
import { expect, it } from 'vitest';

/** They look like codes: a file, and an event of the feed. */
const NO_CODES = ['records.sqlite', 'video.completed'];
const root = path.resolve(import.meta.dirname, '../..');

/** Every code that stands in the sources and that the http room would tell people. */
function codesOfServer(): string[] {
  const files = ['control-plane/src', 'protocol/src'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .map((name) => path.join(root, folder, String(name)))
      .filter((name) => name.endsWith('.ts')),
  );
  const codes = new Set<string>();
  for (const text of files.map((file) => readFileSync(file, 'utf8'))) {
    for (const [, code = ''] of text.matchAll(/'([a-z][a-z-]*\.[a-z][a-z-]+)'/g)) codes.add(code);
    for (const [, thing = ''] of text.matchAll(/\b(?:found|notFound)\(\s*'([a-z-]+)'/g))
      codes.add(`${thing}.not-found`);
  }
  return [...codes].filter((code) => statusOfCode(code) !== 500 && !NO_CODES.includes(code));
}

it('every failure that the server tells people has a German sentence and a German hint', () => {
  const codes = codesOfServer();
  expect(codes.length).toBeGreaterThan(80);
  expect(codes).toContain('user.exists');
  expect(codes).toContain('alarm-channel.not-found');
  expect(codes.filter((code) => !Object.hasOwn(failures.failures, code))).toEqual([]);
  const empty = Object.entries(failures.failures).filter(([, said]) => said.some((one) => !/[.?]$/.test(one)));
  expect(empty).toEqual([]);
});

it.each([
  ['is missing', 'fehlt'],
  ['Too small: expected string to have >=1 characters', 'darf nicht leer sein'],
  ['Too big: expected number to be <=100', 'darf höchstens 100 sein'],
  ['must be an address such as https://example.org/hook', 'muss eine Adresse sein, etwa https://example.org/hook'],
  ['something that nobody has translated', 'something that nobody has translated'],
])('what is wrong with a field is said in German where it is known: %s', (said, german) => {
  expect(fieldProblem(said)).toBe(german);
});
