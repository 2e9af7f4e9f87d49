/**
 * The paths of pages.
 *
 * @module
 */

/** What a query says; what is empty is left out. */
export type Query = Readonly<
  Record<string, string | number | null | undefined>
>;

/** A path with a query. */
export function path(base: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === null || value === ""
      ? []
      : [[key, String(value)]]
  );
  if (given.length === 0) return base;
  return `${base}?${new URLSearchParams(given)}`;
}

/** The page of a task. */
export function taskPath(id: string): string {
  return `/tasks/${encodeURIComponent(id)}`;
}

/** The list of tasks, narrowed down. */
export function tasksPath(query: Query = {}): string {
  return path("/tasks", query);
}

/** The page of a queue. */
export function queuePath(name: string): string {
  return `/queues/${encodeURIComponent(name)}`;
}

/** The page of a worker. */
export function workerPath(name: string): string {
  return `/workers/${encodeURIComponent(name)}`;
}

/** The page of a schedule entry. */
export function schedulePath(name: string): string {
  return `/schedules/${encodeURIComponent(name)}`;
}

/** The page of a dead letter. */
export function deadPath(key: string): string {
  return `/dead/${encodeURIComponent(key)}`;
}
