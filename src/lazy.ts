/**
 * Loads modules that must not be in every bundle: stores, workers, the
 * command line. The address is computed, so that bundlers leave them out.
 *
 * @module
 */

// Published as TypeScript here, as JavaScript in an npm package.
const suffix = import.meta.url.endsWith(".js") ? ".js" : ".ts";

/**
 * Loads a module of this package.
 *
 * @param path its path from this folder, without the suffix
 */
export function loadModule<Module>(path: string): Promise<Module> {
  const url = new URL(`${path}${suffix}`, import.meta.url);
  return import(url.href);
}
