/** Kysely on pg: 64-bit integers as numbers, and PostgreSQL's errors with a meaning for people. */
import type { CompiledQuery, DatabaseConnection, Dialect, QueryResult } from 'kysely';
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { Pool, PoolClient } from 'pg';

interface Connection extends DatabaseConnection {
  client: PoolClient;
  /** It broke in the middle of something: nobody may use it again. */
  broken: boolean;
  /** A borrowed connection that breaks between two statements says so here, and whatever nobody listens to ends the process. */
  onBroken: () => void;
}

/**
 * @param translate turns an error of pg into what is thrown instead
 */
export function createPostgresDialect(pool: Pool, translate: (thrown: unknown) => unknown): Dialect {
  const run = async (connection: DatabaseConnection, statement: string) => {
    await (connection as Connection).client.query(statement).catch((thrown: unknown) => {
      (connection as Connection).broken = true;
      throw translate(thrown);
    });
  };
  return {
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createDriver: () => ({
      init: async () => {},
      async acquireConnection() {
        try {
          return createConnection(await pool.connect(), translate);
        } catch (thrown) {
          throw translate(thrown);
        }
      },
      async releaseConnection(connection) {
        const { client, broken, onBroken } = connection as Connection;
        client.off('error', onBroken);
        client.release(broken);
      },
      beginTransaction: (connection) => run(connection, 'begin'),
      commitTransaction: (connection) => run(connection, 'commit'),
      rollbackTransaction: (connection) => run(connection, 'rollback'),
      destroy: () => pool.end(),
    }),
  };
}

function createConnection(client: PoolClient, translate: (thrown: unknown) => unknown): Connection {
  const connection: Connection = {
    client,
    broken: false,
    onBroken() {
      connection.broken = true;
    },
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      try {
        const { rows, rowCount, command } = await client.query(query.sql, query.parameters.map(storable));
        const changes = command === 'SELECT' || rowCount === null ? {} : { numAffectedRows: BigInt(rowCount) };
        return { rows: rows as Row[], ...changes };
      } catch (thrown) {
        throw translate(thrown);
      }
    },
    // biome-ignore lint/correctness/useYield: the interface asks for it, and it has nothing to give.
    async *streamQuery() {
      throw new Error('the records read in pages and never stream');
    },
  };
  client.on('error', connection.onBroken);
  return connection;
}

/** PostgreSQL keeps no NUL in a text; one odd letter in a camera's error must not stop everybody's events. */
const storable = (value: unknown): unknown =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
