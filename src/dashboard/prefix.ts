/**
 * Paths as routes know them.
 *
 * @module
 */

/** Whoever mounts a handler may have taken the prefix away, or not. */
export function withoutPrefix(path: string, prefix: string): string {
  if (path !== prefix && !path.startsWith(`${prefix}/`)) return path;
  return path.slice(prefix.length) || "/";
}
