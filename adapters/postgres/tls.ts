/**
 * What a URL says of certificates, in files named as libpq names them:
 * `?sslmode=verify-full&sslrootcert=…&sslcert=…&sslkey=…`.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import { type PemFile, readPemFiles } from "../_net/pem_files.ts";
import { unheldSockets } from "../_net/unheld_socket.ts";
import type { DriverOptions } from "./driver.ts";

/** What a URL says. */
export interface UrlTls {
  readonly files: Readonly<Record<string, PemFile>>;
  /** What `node:tls` is told beside them. */
  readonly options: DriverOptions;
}

const FILES: Readonly<Record<string, string>> = {
  sslrootcert: "ca",
  sslcert: "cert",
  sslkey: "key",
};

/** What modes ask of the certificate of the server. */
const OPTIONS: Readonly<Record<string, DriverOptions>> = {
  "require": { rejectUnauthorized: false },
  "verify-ca": { checkServerIdentity: () => undefined },
  "verify-full": {},
};

/** In place of a file: the authorities that the machine trusts. */
const SYSTEM = "system";

/** Whether a parameter of a URL names a certificate. */
export function isTlsParameter(name: string): boolean {
  return Object.hasOwn(FILES, name);
}

/**
 * Reads what a URL says of certificates; `undefined` where it names none.
 *
 * @param misuse makes the error of a sentence
 * @throws what `misuse` makes
 */
export function readUrlTls(
  parameters: ReadonlyMap<string, string>,
  misuse: (sentence: string) => Error,
): UrlTls | undefined {
  const files: Record<string, PemFile> = {};
  const given = Object.keys(FILES).filter((name) => parameters.has(name));
  const [first] = given;
  if (first === undefined) return undefined;
  for (const name of given) {
    const path = parameters.get(name) ?? "";
    if (path === "") throw misuse(`"${name}" names no file`);
    if (name === "sslrootcert" && path === SYSTEM) continue;
    files[FILES[name] ?? ""] = { name, path };
  }
  if (parameters.has("sslcert") !== parameters.has("sslkey")) {
    throw misuse(
      "A certificate of the client needs its key, and a key its certificate: " +
        "give both, sslcert=… and sslkey=…",
    );
  }
  const mode = parameters.get("sslmode") ?? parameters.get("ssl") ?? "";
  const isAsked = parameters.has("sslrootcert");
  // As libpq has it, an authority that is given is asked.
  const options = OPTIONS[mode === "require" && isAsked ? "verify-ca" : mode];
  if (options !== undefined) return { files, options };
  throw misuse(
    `"${first}" is of no use without TLS: write sslmode=verify-full, or ` +
      "sslmode=verify-ca where the name in the certificate is another one",
  );
}

/** The options of the driver; files are read for each connection. */
export function tlsOptions(
  { files, options }: UrlTls,
  address: string,
): DriverOptions {
  const ssl = { ...options };
  const open = unheldSockets();
  return {
    ssl,
    async socket(addresses: Parameters<typeof open>[0]) {
      Object.assign(ssl, await readPemFiles(files, address, unreadable));
      return open(addresses);
    },
  };
}

function unreadable(sentence: string, cause?: unknown): StoreError {
  return new StoreError(sentence, { cause, transient: false });
}
