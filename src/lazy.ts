/**
 * Loads modules that must not be in every bundle: stores, workers, the
 * command line. The address is computed, so that bundlers leave them out.
 *
 * @module
 */

/**
 * Loads a module of this package.
 *
 * @param path its path from this folder, without the suffix
 */
export function loadModule<Module>(path: string): Promise<Module> {
  // Bundles for edge runtimes have no address, and nothing beside them.
  const here: string | undefined = import.meta.url;
  if (here === undefined) return Promise.reject(new Error(NOTHING_HERE));
  // Published as TypeScript here, as JavaScript in an npm package.
  const suffix = here.endsWith(".js") ? ".js" : ".ts";
  return import(new URL(`${path}${suffix}`, here).href);
}

const NOTHING_HERE =
  "This bundle holds the sending half of Lovage: workers, beats and stores by URL need the package itself";
