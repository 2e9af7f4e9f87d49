/**
 * The version of this package, as the command line prints it.
 *
 * @module
 */

export { VERSION } from "../version.ts";
