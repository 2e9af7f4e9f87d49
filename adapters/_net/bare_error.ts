/**
 * What failed underneath, as the cause of an error for people.
 *
 * @module
 */

/**
 * An error without the stack of a driver and without what the driver puts on
 * its own: the call, whose arguments hold what users send.
 *
 * @param code the driver's, or empty
 */
export function bareError(name: string, message: string, code: string): Error {
  const error = new Error(message);
  error.name = name || "Error";
  error.stack = `${error.name}: ${message}`;
  return code === "" ? error : Object.assign(error, { code });
}
