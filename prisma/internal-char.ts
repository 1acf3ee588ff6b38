import { ColumnTypeEnum, type SqlQueryable } from '@prisma/driver-adapter-utils';
import type { Pool, QueryResult } from 'pg';

/** Their object ids in every PostgreSQL. */
const [CHAR, TEXT] = [18, 25];

/**
 * Prisma's adapter refuses PostgreSQL's internal one-byte type `"char"`, of which the catalogs that the schema
 * engine reads are full. Here it's passed through the adapter as text, and its type put right afterwards.
 */
export function readInternalChars(pool: Pool, adapter: SqlQueryable): void {
  // Column numbers of the latest result: the engine has one connection and asks one thing at a time.
  let chars: number[] = [];
  const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<QueryResult | QueryResult[]>;
  const asText = async (...args: unknown[]) => {
    const result = await query(...args);
    chars = [];
    if (Array.isArray(result)) return result;
    for (const [column, field] of result.fields.entries()) {
      if (field.dataTypeID !== CHAR) continue;
      field.dataTypeID = TEXT;
      chars.push(column);
    }
    return result;
  };
  pool.query = asText as typeof pool.query;

  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (asked) => {
    const result = await queryRaw(asked);
    for (const column of chars) result.columnTypes[column] = ColumnTypeEnum.Character;
    return result;
  };
}
