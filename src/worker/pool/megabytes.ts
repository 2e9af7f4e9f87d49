/**
 * Amounts of memory for people.
 *
 * @module
 */

/** A number of bytes in MiB. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
