/**
 * Many rows into a table, for the tables that every event writes to. The query builder would make a tree of each value and
 * walk it: at thousands of events a second that is more work than what the engine does with the rows.
 */
import { CompiledQuery, type Insertable, type Transaction } from 'kysely';
import type { Dialect } from './database.ts';
import type { Tables } from './schema.ts';

/** An embedded engine keeps the statements that it has prepared: a few sizes, so that they are always the same few. */
const PIECES: Record<Dialect, readonly number[]> = { sqlite: [100, 20, 4, 1], postgres: [1000, 1] };
const texts = new Map<string, string>();

/**
 * @param rows all with the same columns, in the same order; what is undefined is null
 * @param ending what follows the values, such as `on conflict do nothing returning id`; never anything from outside
 * @returns what the ending returns
 */
export async function insertRows<Table extends keyof Tables & string, Returned = never>(
  { tx, dialect }: { tx: Transaction<Tables>; dialect: Dialect },
  table: Table,
  rows: readonly Insertable<Tables[Table]>[],
  ending = '',
): Promise<Returned[]> {
  const [first] = rows;
  if (first === undefined) return [];
  const columns = Object.keys(first);
  const returned: Returned[] = [];
  for (const piece of piecesOf(rows, dialect)) {
    const values: unknown[] = [];
    for (const row of piece) {
      const given = row as Readonly<Record<string, unknown>>;
      for (const column of columns) values.push(given[column] ?? null);
    }
    const text = textOf({ table, columns, count: piece.length, ending, dialect });
    returned.push(...(await tx.executeQuery<Returned>(CompiledQuery.raw(text, values))).rows);
  }
  return returned;
}

function* piecesOf<Row>(rows: readonly Row[], dialect: Dialect): Generator<readonly Row[], void> {
  const [most = 1] = PIECES[dialect];
  let from = 0;
  for (const size of PIECES[dialect])
    for (; rows.length - from >= size; from += size) {
      // A client on the network counts its round trips, not its statements: what is left goes in one.
      if (dialect === 'postgres' && size < most) return yield rows.slice(from);
      yield rows.slice(from, from + size);
    }
}

function textOf(of: { table: string; columns: string[]; count: number; ending: string; dialect: Dialect }): string {
  const { table, columns, count, ending, dialect } = of;
  const key = `${table} ${columns.join()} ${count} ${ending} ${dialect}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  let parameter = 0;
  const next = () => {
    parameter += 1;
    return dialect === 'postgres' ? `$${parameter}` : '?';
  };
  const row = () => `(${columns.map(next).join(',')})`;
  const names = columns.map((column) => `"${column}"`).join(',');
  const text = `insert into "${table}" (${names}) values ${Array.from({ length: count }, row).join(',')} ${ending}`;
  // The sizes of the embedded engine are few; those of the other one come in a thousand, and are quickly made.
  if (dialect === 'sqlite') texts.set(key, text);
  return text;
}
