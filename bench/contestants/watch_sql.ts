/**
 * Looks at a queue in PostgreSQL by a statement.
 *
 * @module
 */

import postgres from "postgres";
import type { Watch } from "./contestant.ts";

/** @param statement yields one row with a column `left` */
export function watchSql(url: string, statement: string): Promise<Watch> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  return Promise.resolve({
    async left() {
      const [row] = await sql.unsafe(statement);
      return Number(row?.["left"]);
    },
    close: () => sql.end(),
  });
}
