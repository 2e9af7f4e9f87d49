/**
 * Finds and loads modules by glob.
 *
 * @module
 */

import { globSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../errors.ts";

/**
 * Loads the modules that match, in the order of their paths.
 *
 * @returns their paths
 * @throws {ConfigError} when nothing matches, or a module cannot be loaded
 */
export async function discoverModules(
  globs: readonly string[],
): Promise<readonly string[]> {
  const cwd = process.cwd();
  const found = globs.flatMap((glob) => globSync(glob, { cwd }));
  const paths = [...new Set(found.map((path) => resolve(cwd, path)))].sort();
  if (paths.length === 0) {
    throw new ConfigError(
      `autodiscoverTasks() found no module for ${globs.join(", ")} in ${cwd}`,
    );
  }
  for (const path of paths) await load(path);
  return paths;
}

async function load(path: string): Promise<void> {
  const url = pathToFileURL(path).href;
  try {
    await import(url);
  } catch (error) {
    throw new ConfigError(
      `autodiscoverTasks() cannot load ${path}: ${
        error instanceof Error ? error.message : error
      }`,
      { cause: error },
    );
  }
}
