/**
 * Finds the modules that processes and isolates start from.
 *
 * @module
 */

/**
 * The URL of a module beside this one. The suffix is that of this module:
 * packages for npm hold JavaScript.
 *
 * @param name its path without the suffix
 */
export function siblingModule(name: string): URL {
  const suffix = import.meta.url.endsWith(".js") ? "js" : "ts";
  return new URL(`./${name}.${suffix}`, import.meta.url);
}
