/**
 * Encrypted connections to PostgreSQL, with a certificate made for the test.
 */

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  postgresStore,
  type PostgresStoreOptions,
} from "../../adapters/postgres/mod.ts";
import { StoreError } from "../../src/errors.ts";
import {
  ids,
  message,
  reserve,
} from "../../src/testing/conformance/fixtures.ts";
import { makeCertificates } from "./fixtures/certificates.ts";
import {
  otherUser,
  type PostgresServer,
  startPostgres,
  UNSYNCED,
  whyNoPostgres,
} from "./fixtures/postgres_server.ts";

interface TlsTest {
  readonly server: PostgresServer;
  /** A URL that names the host, not its address. */
  url(query?: string): string;
  /** The authority. */
  readonly ca: string;
  /** A file beside the certificates. */
  at(name: string): string;
}

function tlsTest(
  name: string,
  subject: string,
  run: (test: TlsTest) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: whyNoPostgres() !== undefined,
    async fn() {
      const directory = await Deno.makeTempDir();
      await makeCertificates(directory, subject);
      await giveTo(otherUser(), directory);
      const server = await startPostgres(
        `${UNSYNCED}ssl = on\nssl_cert_file = '${directory}/cert.pem'\n` +
          `ssl_key_file = '${directory}/key.pem'\n` +
          `ssl_ca_file = '${directory}/ca.pem'\n`,
      );
      try {
        const ca = await Deno.readTextFile(`${directory}/ca.pem`);
        const url = (query = "") =>
          server.url().replace("127.0.0.1", "localhost") + query;
        const at = (name: string) => `${directory}/${name}`;
        await run({ server, url, ca, at });
      } finally {
        await server.dispose();
        await Deno.remove(directory, { recursive: true });
      }
    },
  });
}

/** The server takes no key that others can read. */
async function giveTo(
  user: ReturnType<typeof otherUser>,
  directory: string,
): Promise<void> {
  await Deno.chmod(`${directory}/key.pem`, 0o600);
  if (user === null) return;
  for (const path of ["", "/key.pem"].map((name) => directory + name)) {
    await Deno.chown(path, user.uid, user.gid);
  }
}

/** How many connections of stores there are, with TLS and without. */
async function connections({ server }: TlsTest): Promise<string> {
  return await server.psql(`select count(*) filter (where ssl) > 0,
      count(*) filter (where not ssl) > 0
    from pg_stat_ssl join pg_stat_activity using (pid)
    where application_name = 'lovage'`);
}

async function openError(options: PostgresStoreOptions): Promise<string> {
  const store = postgresStore({ ...options, retryFor: 100 });
  const error = await assertRejects(() => store.open(), StoreError);
  await store.close();
  return error.message;
}

tlsTest(
  "?sslmode= says whether TLS is spoken, by every connection",
  "DNS:localhost",
  async (test) => {
    const { url, ca } = test;
    const cases: readonly (readonly [PostgresStoreOptions, string])[] = [
      [{ url: url() }, "f|t"],
      [{ url: url("?sslmode=disable") }, "f|t"],
      [{ url: url("?sslmode=prefer") }, "t|f"],
      [{ url: url("?sslmode=require") }, "t|f"],
      [{ url: url(), driver: { ssl: { ca } } }, "t|f"],
    ];
    for (const [options, expected] of cases) {
      const store = postgresStore(options);
      try {
        await store.open();
        const waiting = reserve(store, { wait: true });
        await store.broker.publish([message("a")]);
        assertEquals(ids(await waiting), ["a"]);
        assertEquals(await connections(test), expected, options.url);
        await store.broker.leave("c1");
        await store.broker.purge(["default"]);
      } finally {
        await store.close();
      }
    }
  },
);

tlsTest("what is wrong with TLS is said", "DNS:localhost", async (test) => {
  const { server, url, ca } = test;
  const unknown = await openError({ url: url("?sslmode=verify-full") });
  assertStringIncludes(unknown, "give its certificate authority");
  assert(!unknown.includes("may have been done"), unknown);
  const ssl = { ca };
  const named = await openError({ url: server.url(), driver: { ssl } });
  assertStringIncludes(named, "correct the host name");
  const redis = await openError({ url: url("?tls=true") });
  assertStringIncludes(redis, "write ?sslmode=require in its place");
  await server.psql("alter system set ssl = off");
  await server.stop();
  await server.start();
  const none = await openError({ url: url("?sslmode=require") });
  assertStringIncludes(none, "offers no TLS");
});

tlsTest(
  "a server is also known by its address",
  "IP:127.0.0.1",
  async (test) => {
    const ssl = { ca: test.ca };
    const store = postgresStore({ url: test.server.url(), driver: { ssl } });
    await store.open();
    assertEquals(await connections(test), "t|f");
    await store.close();
    const named = await openError({ url: test.url(), driver: { ssl } });
    assertStringIncludes(named, "correct the host name");
  },
);

tlsTest(
  "a URL names the certificates, as psql does",
  "DNS:localhost",
  async (test) => {
    const { server, url, at } = test;
    // Who has no certificate of the authority is not let in.
    await server.psql("alter system set hba_file to '" + at("hba") + "'");
    await Deno.writeTextFile(
      at("hba"),
      "local all all trust\nhostssl all all 127.0.0.1/32 trust clientcert=verify-ca\n",
    );
    await server.stop();
    await server.start();
    const root = `sslrootcert=${at("ca.pem")}`;
    const own = `sslcert=${at("cert.pem")}&sslkey=${at("key.pem")}`;
    for (const mode of ["require", "verify-ca", "verify-full"]) {
      const store = postgresStore({
        url: url(`?sslmode=${mode}&${root}&${own}`),
      });
      await store.open();
      const waiting = reserve(store, { wait: true });
      await store.broker.publish([message(mode)]);
      assertEquals(ids(await waiting), [mode]);
      assertEquals(await connections(test), "t|f", mode);
      await store.close();
    }
    // The name is no matter to these, the authority is.
    const elsewhere = server.url();
    for (const mode of ["require", "verify-ca"]) {
      const store = postgresStore({
        url: `${elsewhere}?sslmode=${mode}&${root}&${own}`,
      });
      await store.open();
      await store.close();
    }
    const said = [
      [
        `${elsewhere}?sslmode=verify-full&${root}&${own}`,
        "correct the host name",
      ],
      [url(`?sslmode=verify-full&${own}`), "?sslrootcert=/path/to/ca.pem"],
      [
        url(`?sslmode=verify-full&${root}`),
        "wants a certificate of the client",
      ],
      [
        url(`?sslmode=verify-full&sslrootcert=${at("none.pem")}&${own}`),
        "names as `sslrootcert` cannot be read (ENOENT)",
      ],
      [
        url(`?sslmode=verify-full&sslrootcert=${at("hba")}&${own}`),
        "names as `sslrootcert` is not in PEM",
      ],
      [
        url(`?sslmode=verify-full&sslrootcert=system&${own}`),
        "cannot be trusted",
      ],
    ] as const;
    for (const [url, words] of said) {
      assertStringIncludes(await openError({ url }), words);
    }
  },
);

Deno.test("certificates in a URL that are of no use are refused", () => {
  const cases: [string, string][] = [
    ["sslrootcert=ca.pem", '"sslrootcert" is of no use without TLS'],
    ["sslmode=disable&sslrootcert=ca.pem", "of no use without TLS"],
    ["sslmode=prefer&sslrootcert=ca.pem", "write sslmode=verify-full"],
    ["sslmode=require&sslcert=c.pem", "needs its key"],
    ["sslmode=require&sslkey=c.pem", "needs its key"],
    ["sslmode=require&sslrootcert=", '"sslrootcert" names no file'],
  ];
  for (const [query, words] of cases) {
    const { message } = assertThrows(
      () => postgresStore({ url: `postgres://localhost/app?${query}` }),
      StoreError,
    );
    assertStringIncludes(message, words);
  }
});
