/**
 * Files that a connection needs, such as certificates.
 *
 * @module
 */

import { readFile } from "node:fs/promises";

/**
 * The text of a file.
 *
 * @throws the error of the file system
 */
export function readText(path: string): Promise<string> {
  return readFile(path, "utf8");
}
