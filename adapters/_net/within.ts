/**
 * A time limit for one promise. For many short calls, see `deadline.ts`.
 *
 * @module
 */

/** How long it takes to read what has come, in ms. */
export const READING = 200;

/**
 * Fails if a promise takes longer. Timers are served before sockets: where the
 * process itself stood still meanwhile, what has come is read first.
 *
 * @param late makes the error of one that took longer
 */
export async function within<T>(
  ms: number,
  promise: PromiseLike<T>,
  late: () => Error,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    const giveUp = () => reject(late());
    timer = setTimeout(() => timer = setTimeout(giveUp, READING), ms);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
