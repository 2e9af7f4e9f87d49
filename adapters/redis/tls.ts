/**
 * What a URL says of encryption: files of certificates, named as redis-cli
 * names them, or as Celery does.
 *
 * @module
 */

import type { PemFile } from "../_net/pem_files.ts";
import type { RedisTlsOptions } from "./options.ts";

/** The files that certificates are in. */
export type TlsFiles = Partial<Record<"ca" | "cert" | "key", PemFile>>;

/** What a URL says. */
export interface UrlTls {
  readonly options: RedisTlsOptions;
  readonly files: TlsFiles;
}

const FILES: Readonly<Record<string, keyof TlsFiles>> = {
  ca: "ca",
  cert: "cert",
  key: "key",
  ssl_ca_certs: "ca",
  ssl_certfile: "cert",
  ssl_keyfile: "key",
};

const VERIFY = "ssl_cert_reqs";

/** Whether a certificate must be trusted; that of a server is never optional. */
const REQUIREMENTS: ReadonlyMap<string, boolean> = new Map([
  ["required", true],
  ["cert_required", true],
  ["optional", true],
  ["cert_optional", true],
  ["none", false],
  ["cert_none", false],
]);

/** The parameters of a URL that are about encryption. */
export const TLS_PARAMETERS: readonly string[] = [
  ...Object.keys(FILES),
  VERIFY,
];

/**
 * Reads what a URL says of encryption; `undefined` where that is off.
 *
 * @param misuse makes the error of a sentence
 * @throws what `misuse` makes
 */
export function readUrlTls(
  parameters: URLSearchParams,
  isOn: boolean,
  misuse: (sentence: string) => Error,
): UrlTls | undefined {
  const given = TLS_PARAMETERS.find((name) => parameters.has(name));
  if (!isOn && given === undefined) return undefined;
  if (!isOn) {
    throw misuse(
      `"${given}" is of no use without TLS: write rediss://, or tls=true`,
    );
  }
  const files: TlsFiles = {};
  for (const [name, file] of Object.entries(FILES)) {
    const path = parameters.get(name);
    if (path === "") throw misuse(`"${name}" names no file`);
    if (path !== null) files[file] = { name, path };
  }
  if ((files.cert === undefined) !== (files.key === undefined)) {
    throw misuse(
      "A certificate of the client needs its key, and a key its certificate: " +
        "give both, cert=… and key=…",
    );
  }
  const wanted = parameters.get(VERIFY);
  if (wanted === null) return { options: {}, files };
  const rejectUnauthorized = REQUIREMENTS.get(wanted.toLowerCase());
  if (rejectUnauthorized !== undefined) {
    return { options: { rejectUnauthorized }, files };
  }
  throw misuse(`"${VERIFY}" is "required" or "none", not "${wanted}"`);
}
