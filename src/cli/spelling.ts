/**
 * Names in the spellings of the command line and of the code.
 *
 * @module
 */

/** `activeQueues` as the command line spells it: `active-queues`. */
export function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `active-queues` as the code spells it: `activeQueues`. */
export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
