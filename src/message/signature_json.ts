/**
 * A signature as it travels.
 *
 * @module
 */

import type { EncodedArgs } from "./json_codec.ts";

/** A call of a task that waits for its turn: JSON only. */
export interface SignatureJson extends EncodedArgs {
  /** The name of the task. */
  readonly task: string;
  /** How it is sent: the options of `applyAsync`, JSON only. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether it takes no result of a task before it. Defaults to false. */
  readonly immutable?: boolean | undefined;
}
