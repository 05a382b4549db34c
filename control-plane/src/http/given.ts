import { notFound } from './problems.ts';

/** An object without the fields that were left out, so that "only what is given changes". */
export function given<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: Exclude<Fields[Name], undefined>;
  };
}

/** What was looked for. @throws Failure `<thing>.not-found` when it is null */
export function found<Thing>(thing: string, value: Thing | null): Thing {
  if (value === null) throw notFound(thing);
  return value;
}
