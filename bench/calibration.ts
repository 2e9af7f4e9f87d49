/**
 * How fast the machine is at the moment: a loop that no queue is part of.
 *
 * @module
 */

const LASTS_MS = 300;

/** Rounds of JSON per second on one core. */
export function calibrate(): number {
  const value = { n: 1, pad: "x".repeat(80), list: [1, 2, 3] };
  const start = performance.now();
  let rounds = 0;
  while (performance.now() - start < LASTS_MS) {
    for (let n = 0; n < 1000; n++) JSON.parse(JSON.stringify(value));
    rounds += 1000;
  }
  return rounds / (performance.now() - start) * 1000;
}

/** How many processes want a core, by the last minute's average. */
export function load(): number {
  return Deno.loadavg()[0] ?? NaN;
}
