/**
 * The few assertions that the suites need, so that they add no dependency.
 *
 * @module
 */

/** Fails unless the condition holds. */
export function expectTrue(
  condition: boolean,
  what: string,
): asserts condition {
  if (!condition) throw new Error(`Expected ${what}`);
}

/** Fails unless both values are the same through and through. */
export function expectEqual(
  actual: unknown,
  expected: unknown,
  what: string,
): void {
  if (isEqual(actual, expected)) return;
  throw new Error(
    `Expected ${what} to be\n  ${show(expected)}\nbut it is\n  ${show(actual)}`,
  );
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  // A member that is undefined is one that is absent.
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) =>
    isEqual(
      (a as Record<string, unknown>)[key],
      (b as Record<string, unknown>)[key],
    )
  );
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, v) => v === undefined ? "undefined" : v) ??
    String(value);
}
