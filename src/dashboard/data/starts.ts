/**
 * When what runs has begun. Records say it only with `taskTrackStarted`: of
 * other tasks their workers are asked.
 *
 * @module
 */

import type { Control } from "../../control/control.ts";
import type { TaskRow } from "./types/tasks.ts";

/** A page does not wait longer for workers. */
const PATIENCE = "400ms";
/** So many workers are asked at a time. */
const MOST = 50;

/** The rows, with the times that only workers know. */
export async function withStarts<Row extends TaskRow>(
  control: Control,
  now: number,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const unknown = rows.filter((row) =>
    row.worker !== null && row.endedAt === null && row.state === "RECEIVED" &&
    row.startedAt === null
  );
  if (unknown.length === 0) return rows;
  const destination = [...new Set(unknown.map(({ worker }) => worker ?? ""))]
    .slice(0, MOST);
  const { replies } = await control.inspect({ destination, timeout: PATIENCE })
    .queryTask(...unknown.map(({ id }) => id));
  const known = new Map(
    Object.values(replies).flatMap((tasks) => Object.entries(tasks)),
  );
  return rows.map((row) => {
    const [stage, info] = known.get(row.id) ?? [];
    if (info === undefined || !unknown.includes(row)) return row;
    const receivedAt = info.receivedAt;
    if (stage !== "active") return { ...row, receivedAt };
    const startedAt = info.startedAt ?? receivedAt;
    return {
      ...row,
      state: "STARTED",
      receivedAt,
      startedAt,
      waited: row.sentAt === null ? null : Math.max(0, startedAt - row.sentAt),
      runtime: Math.max(0, now - startedAt),
    };
  });
}
