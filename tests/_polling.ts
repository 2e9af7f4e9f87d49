/** Waiting for what nobody tells of. */

/** The shortest rest between two looks, in ms. */
const SHORTEST = 5;
/** The longest. */
const LONGEST = 200;

/**
 * Looks until something holds. It rests four times as long as it has looked:
 * what is waited for needs the machine, and so do the tests beside it.
 *
 * @param condition what is to hold
 * @param patience for how long it looks, in ms
 * @returns whether it came to hold in time
 */
export async function comesTrue(
  condition: () => Promise<boolean> | boolean,
  patience: number,
): Promise<boolean> {
  const deadline = performance.now() + patience;
  for (;;) {
    const start = performance.now();
    if (await condition()) return true;
    const end = performance.now();
    if (end > deadline) return false;
    const rest = Math.min(Math.max(SHORTEST, 4 * (end - start)), LONGEST);
    await new Promise((resolve) => setTimeout(resolve, rest));
  }
}
