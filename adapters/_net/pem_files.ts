/**
 * Certificates and keys in files that a URL names.
 *
 * @module
 */

import { readText } from "./text_file.ts";

/** A file that a URL names. */
export interface PemFile {
  /** By what parameter, for people. */
  readonly name: string;
  readonly path: string;
}

/**
 * Their texts, by what they are for. They are read for each connection: they
 * are replaced while processes run.
 *
 * @param address of the store, for people
 * @param refusal makes the error of a sentence, for a file that cannot be
 * read, or is none in PEM
 */
export async function readPemFiles(
  files: Readonly<Record<string, PemFile>>,
  address: string,
  refusal: (sentence: string, cause?: unknown) => Error,
): Promise<Record<string, string>> {
  const read = async ([use, { name, path }]: [string, PemFile]) => {
    const what = `The file "${path}" that the URL ${address} names as ` +
      `\`${name}\``;
    return [use, await readPem(path, what, refusal)] as const;
  };
  return Object.fromEntries(await Promise.all(Object.entries(files).map(read)));
}

async function readPem(
  path: string,
  what: string,
  refusal: (sentence: string, cause?: unknown) => Error,
): Promise<string> {
  let text: string;
  try {
    text = await readText(path);
  } catch (cause) {
    const { name, code, message } = cause as Error & { readonly code?: string };
    throw refusal(
      name === "NotCapable"
        ? `${what} may not be read: run with --allow-read=${path}`
        : `${what} cannot be read (${code ?? message}): correct the path, or ` +
          "the rights of the file",
      cause,
    );
  }
  if (text.includes("-----BEGIN ")) return text;
  throw refusal(
    `${what} is not in PEM: it must begin with -----BEGIN; openssl converts ` +
      "other forms",
  );
}
