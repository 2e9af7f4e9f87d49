/**
 * The server's clock, which all who share a store measure by.
 *
 * @module
 */

/**
 * The time in ms: that which was given, or the server's where that is null.
 *
 * @param given an expression of the type bigint
 * @param round how the server's becomes whole: `floor` for a time that has
 * come, `ceil` for one by which something had happened
 */
export function timeSql(
  given: string,
  round: "floor" | "ceil" = "floor",
): string {
  return `coalesce(${given},
    ${round}(extract(epoch from clock_timestamp()) * 1000)::bigint)`;
}
