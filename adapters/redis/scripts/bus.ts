/**
 * The script of the bus.
 *
 * @module
 */

import { Script } from "./script.ts";

/** ARGV: channel, payload. */
export const BROADCAST = new Script(
  "broadcast",
  [],
  `
return call('PUBLISH', ARGV[1], ARGV[2])
`,
);
