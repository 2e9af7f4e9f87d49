/**
 * What a result record says beside its value: `ResultRecord.meta`.
 *
 * @module
 */

/** Everything else that is known of a task. Times are epoch milliseconds. */
export interface ResultMeta {
  /** When each state was reached. */
  readonly times?: Readonly<Record<string, number>> | undefined;
  /** Retries before this state. */
  readonly retries?: number | undefined;
  /** Workers that were lost with it. */
  readonly losses?: number | undefined;
  /** The first task of its line. */
  readonly rootId?: string | undefined;
  /** The task that sent it. */
  readonly parentId?: string | undefined;
  /** The tasks that it sent, and the first 1,000 that its end led to. */
  readonly children?: readonly string[] | undefined;
  /** The group that it is a member of. */
  readonly group?: string | undefined;
  /**
   * The group whose results it took: its id, how many members it has, and the
   * ids of members, by index, that do not follow from it.
   */
  readonly header?: {
    readonly group: string;
    readonly size: number;
    readonly ids?: Readonly<Record<string, string>> | undefined;
  } | undefined;
  /** What it added to the chord whose header it is a member of. */
  readonly added?: readonly string[] | undefined;
  /** Its run in a trace (W3C `traceparent`), where a chord waits for it. */
  readonly trace?: string | undefined;
  /** When it runs again. */
  readonly eta?: number | undefined;
  /** Its arguments as text, cut; with `resultExtended`. */
  readonly args?: string | undefined;
  /** Its headers; with `resultExtended`. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  /** Its queue, unless that is the default one; or with `resultExtended`. */
  readonly queue?: string | undefined;
  /**
   * Its message, so that it can be looked at, and sent again: if it has failed
   * or was revoked, and, with `resultExtended`, if it has succeeded, without
   * what comes after it. Absent where it is long.
   */
  readonly message?: string | undefined;
}

/** Reads `ResultRecord.meta`; what cannot be read is empty. */
export function decodeMeta(text: string): ResultMeta {
  try {
    const meta: unknown = JSON.parse(text);
    return typeof meta === "object" && meta !== null ? meta : {};
  } catch {
    return {};
  }
}

// What has ended may be sent again; of a longer message that is not kept.
const LONGEST_KEPT = 65_536;

/** The text of a message as a record keeps it, unless it is long. */
export function keptMessage(text: string): string | undefined {
  return text.length > LONGEST_KEPT ? undefined : text;
}
