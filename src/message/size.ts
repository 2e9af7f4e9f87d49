/**
 * How large a text is, in bytes.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Whether a text takes more than so many bytes as UTF-8. */
export function isLarger(text: string, bytes: number): boolean {
  // A UTF-16 unit takes one to three bytes: mostly nothing is to be counted.
  if (text.length > bytes) return true;
  if (text.length * 3 <= bytes) return false;
  return encoder.encode(text).length > bytes;
}
