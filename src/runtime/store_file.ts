/**
 * The file of a store that is a file.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { sqlitePath } from "./load_store.ts";

/** The path of the file of a `sqlite://` URL that does not exist yet. */
export function missingStoreFile(url: string): string | undefined {
  if (!url.startsWith("sqlite:")) return undefined;
  const path = resolve(sqlitePath(url));
  return existsSync(path) ? undefined : path;
}
