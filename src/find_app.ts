/**
 * Finds the app that a module exports.
 *
 * @module
 */

import { ConfigError } from "./errors.ts";
import { isApp } from "./internals.ts";

/**
 * The app of a module: its export `app`, its default export, or the only one
 * that there is.
 *
 * @param where the module, for the error
 * @throws {ConfigError} when there is none, or more than one to choose from
 */
export function findApp(
  module: Readonly<Record<string, unknown>>,
  where: string,
): object {
  for (const name of ["app", "default"]) {
    const value = module[name];
    if (isApp(value)) return value;
  }
  const apps = [...new Set(Object.values(module).filter(isApp))];
  const [only] = apps;
  if (apps.length === 1 && only !== undefined) return only;
  throw new ConfigError(
    apps.length === 0
      ? `${where} exports no app. Write: export const app = new Lovage("name");`
      : `${where} exports ${apps.length} apps. Name the one to run "app"`,
  );
}
