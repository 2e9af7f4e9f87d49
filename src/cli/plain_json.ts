/**
 * Values of tasks as plain JSON: what JSON has no word for is written as
 * text, rather than as an empty object.
 *
 * @module
 */

/** A copy of a value that `JSON.stringify` shows as it is. */
export function toPlainJson(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(toPlainJson);
  if (value instanceof Map) return toPlainJson([...value]);
  if (value instanceof Set) return toPlainJson([...value]);
  if (value instanceof Error) {
    return { name: value.name, message: value.message };
  }
  if (value instanceof RegExp) return String(value);
  if ("toJSON" in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, toPlainJson(each)]),
  );
}
