/**
 * Encrypted connections, with a certificate made for the test.
 */

import { freePort } from "./fixtures/free_port.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  redisStore,
  type RedisStoreOptions,
} from "../../adapters/redis/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  message,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { makeCertificates } from "./fixtures/certificates.ts";
import {
  type RedisServer,
  serverTest,
  startRedis,
} from "./fixtures/redis_server.ts";

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

/** A server with TLS, and the paths of what it and its clients need. */
async function withTls(
  clients: "yes" | "no",
  test: (
    port: number,
    at: (name: string) => string,
    server: RedisServer,
  ) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const at = (name: string) => `${directory}/${name}`;
  await makeCertificates(directory);
  const port = freePort();
  const server = await startRedis([
    ...["--tls-port", String(port), "--tls-auth-clients", clients],
    ...["--tls-cert-file", at("cert.pem"), "--tls-key-file", at("key.pem")],
    ...["--tls-ca-cert-file", at("ca.pem")],
  ]);
  try {
    await test(port, at, server);
  } finally {
    await server.stop();
    await Deno.remove(directory, { recursive: true });
  }
}

async function assertWorks(options: RedisStoreOptions): Promise<void> {
  const store = redisStore(options);
  await store.open();
  const waiting = reserve(store, { wait: true });
  await store.broker.publish([message("a")]);
  const [one] = await waiting;
  assertEquals(one?.id, "a");
  if (one !== undefined) {
    await store.broker.settle("c1", [settlement(one, { kind: "ack" })]);
  }
  await store.close();
}

serverTest(
  "TLS, and what goes wrong with it",
  () =>
    withTls("no", async (port, at, server) => {
      const ca = await Deno.readTextFile(at("ca.pem"));
      const url = `rediss://localhost:${port}/0`;
      await assertWorks({ url, tls: { ca } });

      assertStringIncludes(await openError(url), "give its certificate");
      const name = await openError(`rediss://127.0.0.1:${port}`, ca);
      assertStringIncludes(name, "cannot be trusted");
      const plain = await openError(`redis://localhost:${port}`);
      assertStringIncludes(plain, "wants TLS on this port: write rediss://");
      const tls = await openError(`rediss://localhost:${server.port}`, ca);
      assertStringIncludes(tls, "does not speak TLS on this port");
    }),
);

serverTest(
  "a URL names the certificates, as redis-cli or as Celery does",
  () =>
    withTls("yes", async (port, at) => {
      const server = `rediss://localhost:${port}/0?`;
      const files = (ca: string, cert: string, key: string) =>
        `${ca}=${at("ca.pem")}&${cert}=${at("cert.pem")}&${key}=${
          at("key.pem")
        }`;
      await assertWorks({ url: server + files("ca", "cert", "key") });
      const celery = files("ssl_ca_certs", "ssl_certfile", "ssl_keyfile");
      await assertWorks({
        url: `${server}${celery}&ssl_cert_reqs=CERT_REQUIRED`,
      });

      assertMatch(
        await openError(`${server}ca=${at("ca.pem")}`),
        /whether it wants a certificate of the client \(\?cert=…&key=…\)/,
      );
      assertMatch(
        await openError(`${server}ca=${at("none.pem")}`),
        /^The file ".*none\.pem" that the URL .* names as `ca` cannot be read \(ENOENT\): correct/,
      );
      await Deno.writeTextFile(at("ca.der"), "no PEM");
      assertMatch(
        await openError(`${server}ca=${at("ca.der")}`),
        /`ca` is not in PEM/,
      );
    }),
);

serverTest(
  "whether a certificate must be trusted is said in the URL",
  () =>
    withTls("no", async (port) => {
      const url = `rediss://127.0.0.1:${port}/0?ssl_cert_reqs=`;
      await assertWorks({ url: `${url}none` });
      assertStringIncludes(
        await openError(`${url}required`),
        "cannot be trusted",
      );
    }),
);

Deno.test("what a URL says of TLS is refused when it is of no use", () => {
  const refused = (query: string, scheme = "rediss") =>
    assertThrows(
      () => redisStore({ url: `${scheme}://cache/0?${query}` }),
      StoreError,
    ).message;
  assertMatch(
    refused("ca=/ca.pem", "redis"),
    /^"ca" is of no use without TLS: write rediss:\/\/, or tls=true \(in /,
  );
  assertMatch(refused("cert=/cert.pem"), /give both, cert=… and key=…/);
  assertMatch(refused("ca="), /^"ca" names no file/);
  assertMatch(
    refused("ssl_cert_reqs=maybe"),
    /"ssl_cert_reqs" is "required" or "none", not "maybe"/,
  );
});
