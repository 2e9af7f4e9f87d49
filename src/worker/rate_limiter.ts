/**
 * Rate limits per task and worker, as Celery's: even spacing, no bursts.
 *
 * @module
 */

/** What to do with a task under a rate limit. */
export type Turn =
  /** Run it after so many ms; 0 is now. */
  | { readonly kind: "run"; readonly after: number }
  /** Its turn is far off: back to the broker until then (epoch ms). */
  | { readonly kind: "later"; readonly at: number };

// Tasks whose turn is this near wait in the worker, others in the broker.
const HORIZON = 1000;
// They return no later than this: another worker may have turns to give.
const LONGEST_AWAY = 300_000;

interface Line {
  /** When the last task that was let through runs. */
  last: number;
  /** Up to when tasks were sent back to the broker. */
  sentBack: number;
}

/** Gives each limited task its turn. */
export class RateLimiter {
  readonly #lines = new Map<string, Line>();

  /**
   * The turn of a task.
   *
   * @param rate starts per second
   * @param now epoch ms
   */
  turn(task: string, rate: number, now: number): Turn {
    const spacing = 1000 / rate;
    const line = this.#lines.get(task) ?? { last: -Infinity, sentBack: 0 };
    this.#lines.set(task, line);
    const at = Math.max(now, line.last + spacing);
    if (at - now <= HORIZON) {
      line.last = at;
      return { kind: "run", after: Math.ceil(at - now) };
    }
    // Those sent back return one by one, not all at once; they take no turn
    // from those that come before them.
    line.sentBack = Math.min(
      Math.max(at, line.sentBack + spacing),
      now + LONGEST_AWAY,
    );
    return { kind: "later", at: Math.ceil(line.sentBack) };
  }
}
