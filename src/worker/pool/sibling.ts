/**
 * Finds the modules that processes and isolates start from.
 *
 * @module
 */

/**
 * Never called: by these, packagers find what processes and isolates load by
 * its URL.
 */
export const ENTRIES = {
  "host_entry": (): Promise<unknown> => import("./host_entry.ts"),
  "isolate_entry": (): Promise<unknown> => import("./isolate_entry.ts"),
  "../task_runner": (): Promise<unknown> => import("../task_runner.ts"),
};

/**
 * The URL of a module beside this one. The suffix is that of this module:
 * packages for npm hold JavaScript.
 *
 * @param name its path without the suffix
 */
export function siblingModule(name: keyof typeof ENTRIES): URL {
  const suffix = import.meta.url.endsWith(".js") ? "js" : "ts";
  return new URL(`./${name}.${suffix}`, import.meta.url);
}
