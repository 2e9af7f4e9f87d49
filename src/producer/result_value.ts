/**
 * What the record of a task that has ended comes to.
 *
 * @module
 */

import type { ResultRecord } from "../contracts/result_backend.ts";
import { LovageError, TaskRevokedError } from "../errors.ts";
import { decodeError } from "../message/error_codec.ts";
import { decode } from "../message/json_codec.ts";

/** The value of a record; `undefined` when it has none. */
export function decodeValue(record: ResultRecord): unknown {
  return record.value === null ? undefined : decode(record.value);
}

/**
 * What a task returned.
 *
 * @throws its error, when it failed; with `propagate: false` it is returned
 */
export function valueOf(
  record: ResultRecord,
  { propagate = true }: { readonly propagate?: boolean | undefined },
): unknown {
  if (record.state === "SUCCESS") return decodeValue(record);
  const error = errorOf(record);
  if (propagate) throw error;
  return error;
}

function errorOf(record: ResultRecord): Error {
  if (record.error !== null) return decodeError(record.error);
  const what = `Task ${record.id} ended as ${record.state}`;
  return record.state === "REVOKED"
    ? new TaskRevokedError(what)
    : new LovageError(what);
}
