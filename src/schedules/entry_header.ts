/**
 * What tells a task which entry of the schedule has sent it.
 *
 * @module
 */

/** The header that names the entry. */
export const ENTRY_HEADER = "periodicTaskName";

/** The options of a call with the header that names the entry. */
export function withEntryHeader<
  O extends {
    readonly headers?: Readonly<Record<string, unknown>> | undefined;
  },
>(options: O, name: string): O {
  return { ...options, headers: { ...options.headers, [ENTRY_HEADER]: name } };
}
