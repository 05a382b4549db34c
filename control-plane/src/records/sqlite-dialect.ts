/** Kysely on better-sqlite3: keeps prepared statements, and gives SQLite's errors a meaning for people. */
import type Sqlite from 'better-sqlite3';
import type { CompiledQuery, DatabaseConnection, Dialect, QueryResult } from 'kysely';
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';

/** More than the records ever write by hand; statements for many rows come in many sizes and push each other out. */
const MOST_STATEMENTS = 300;

/**
 * @param translate turns an error of SQLite into what is thrown instead
 */
export function createSqliteDialect(database: Sqlite.Database, translate: (thrown: unknown) => unknown): Dialect {
  const connection = createConnection(database, translate);
  const run = async (statement: string) => {
    try {
      database.exec(statement);
    } catch (thrown) {
      throw translate(thrown);
    }
  };
  return {
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      releaseConnection: async () => {},
      // Immediate: a transaction that reads first must not find at its first write that another has come between.
      beginTransaction: () => run('begin immediate'),
      commitTransaction: () => run('commit'),
      async rollbackTransaction() {
        // SQLite has already rolled back by itself after a full disk and the like.
        if (database.inTransaction) await run('rollback');
      },
      destroy: async () => void database.close(),
    }),
  };
}

function createConnection(database: Sqlite.Database, translate: (thrown: unknown) => unknown): DatabaseConnection {
  const statements = new Map<string, Sqlite.Statement<unknown[]>>();
  function prepared(text: string): Sqlite.Statement<unknown[]> {
    const known = statements.get(text);
    const statement = known ?? database.prepare<unknown[]>(text);
    if (known !== undefined) statements.delete(text);
    else if (statements.size >= MOST_STATEMENTS) {
      const oldest = statements.keys().next();
      if (oldest.done !== true) statements.delete(oldest.value);
    }
    statements.set(text, statement);
    return statement;
  }
  return {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      try {
        const statement = prepared(query.sql);
        if (statement.reader) return { rows: statement.all(query.parameters) as Row[] };
        const { changes } = statement.run(query.parameters);
        return { rows: [], numAffectedRows: BigInt(changes) };
      } catch (thrown) {
        throw translate(thrown);
      }
    },
    // biome-ignore lint/correctness/useYield: the interface asks for it, and it has nothing to give.
    async *streamQuery() {
      throw new Error('the records read in pages and never stream');
    },
  };
}
