/**
 * Encrypted connections, with a certificate made for the test.
 */

import { freePort } from "./fixtures/free_port.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { redisStore } from "../../adapters/redis/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  ids,
  message,
  reserve,
} from "../../src/testing/conformance/fixtures.ts";
import { serverTest, startRedis } from "./fixtures/redis_server.ts";

async function openssl(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** An authority, and a certificate of it for `localhost`. */
async function makeCertificates(directory: string): Promise<void> {
  const at = (name: string) => `${directory}/${name}`;
  await openssl(
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt"],
    ...["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=Test authority", "-keyout", at("ca.key")],
    ...["-out", at("ca.pem")],
  );
  await openssl(
    ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-nodes", "-subj", "/CN=localhost", "-addext"],
    ...["subjectAltName=DNS:localhost", "-keyout", at("key.pem")],
    ...["-out", at("request.pem")],
  );
  await openssl(
    ...["x509", "-req", "-in", at("request.pem"), "-CA", at("ca.pem")],
    ...["-CAkey", at("ca.key"), "-days", "2", "-copy_extensions", "copy"],
    ...["-out", at("cert.pem")],
  );
}

async function openError(
  url: string,
  ca?: string,
): Promise<string> {
  const tls = ca === undefined ? undefined : { ca };
  const store = redisStore({ url, tls, patience: 100 });
  const error = await assertRejects(() => store.open(), StoreError);
  await store.close();
  return error.message;
}

serverTest("TLS, and what goes wrong with it", async () => {
  const directory = await Deno.makeTempDir();
  await makeCertificates(directory);
  const port = freePort();
  const server = await startRedis([
    ...["--tls-port", String(port), "--tls-auth-clients", "no"],
    ...["--tls-cert-file", `${directory}/cert.pem`],
    ...["--tls-key-file", `${directory}/key.pem`],
    ...["--tls-ca-cert-file", `${directory}/ca.pem`],
  ]);
  const ca = await Deno.readTextFile(`${directory}/ca.pem`);
  try {
    const url = `rediss://localhost:${port}/0`;
    const store = redisStore({ url, tls: { ca } });
    await store.open();
    const waiting = reserve(store, { wait: true });
    await store.broker.publish([message("a")]);
    assertEquals(ids(await waiting), ["a"]);
    await store.close();

    assertStringIncludes(await openError(url), "give its certificate");
    const name = await openError(`rediss://127.0.0.1:${port}`, ca);
    assertStringIncludes(name, "cannot be trusted");
    const plain = await openError(`redis://localhost:${port}`);
    assertStringIncludes(plain, "wants TLS on this port: write rediss://");
    const tls = await openError(`rediss://localhost:${server.port}`, ca);
    assertStringIncludes(tls, "does not speak TLS on this port");
  } finally {
    await server.stop();
    await Deno.remove(directory, { recursive: true });
  }
});
