/** What the dashboard says when a store fails. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Lovage } from "@lovage/lovage";
import { dashboard } from "../../src/dashboard/mod.ts";
import {
  missing as noRedis,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import {
  startPostgres,
  whyNoPostgres,
} from "../adapters/fixtures/postgres_server.ts";

const SECRET = "hunter2-and-more";
const PAGE = { accept: "text/html,application/xhtml+xml" };
const FRAGMENT = { "accept": "text/html", "hx-request": "true" };

/** A store that will not let anybody in with this URL. */
async function withRefusal(
  kind: "redis" | "postgres",
  test: (url: string) => Promise<void>,
): Promise<void> {
  if (kind === "redis") {
    const server = await startRedis(["--requirepass", "the right one"], [
      "-a",
      "the right one",
    ]);
    try {
      return await test(`redis://:${SECRET}@127.0.0.1:${server.port}/0`);
    } finally {
      await server.stop();
    }
  }
  const server = await startPostgres();
  try {
    await server.psql("create role needs_password login password 'right'");
    return await test(
      server.url({ user: "needs_password", password: SECRET }),
    );
  } finally {
    await server.dispose();
  }
}

for (const kind of ["redis", "postgres"] as const) {
  const missing = kind === "redis" ? noRedis : whyNoPostgres();
  Deno.test({
    name: `a store that refuses is a page, a line or JSON (${kind}${
      missing === undefined ? "" : `; skipped: ${missing}`
    })`,
    ignore: missing !== undefined,
    fn: () =>
      withRefusal(kind, async (brokerUrl) => {
        await using app = new Lovage("shop", { brokerUrl });
        await using ops = dashboard(app, {
          unauthenticated: true,
          urlPrefix: "/ops",
        });
        const ask = async (
          path: string,
          headers: Record<string, string>,
          init: RequestInit = {},
        ) => {
          const response = await ops(
            new Request(`http://ops.test/ops${path}`, { ...init, headers }),
          );
          const text = await response.text();
          assert(!text.includes(SECRET), `${path} tells the password`);
          assertEquals(response.status, 503, path);
          return { text, type: response.headers.get("content-type") ?? "" };
        };
        for (const path of ["/", "/tasks?state=FAILURE", "/dead", "/workers"]) {
          const { text, type } = await ask(path, PAGE);
          assertMatch(type, /^text\/html/);
          assertMatch(text, /^<!doctype html>/);
          assertEquals(text.match(/<h1/g)?.length, 1);
          assertMatch(text, /refuses .*password/);
          assertMatch(text, /127\.0\.0\.1:\d+/);
          // Where one is, and the way to try again.
          assertMatch(text, /aria-current="page"/);
          assert(text.includes(`href="/ops${path}"`), path);
          assertMatch(text, /lovage check/);
        }
        const { text: line, type } = await ask("/tasks", FRAGMENT);
        assertMatch(type, /^text\/plain/);
        assertMatch(line, /refuses .*password/);
        assert(!line.includes("<"));
        const { text: json } = await ask("/api/v1/tasks", {});
        assertMatch(JSON.parse(json).error, /refuses .*password/);
        // A form that was sent without scripts leads back to where it was.
        const { text: done } = await ask("/actions/queues.pause", {
          ...PAGE,
          "content-type": "application/x-www-form-urlencoded",
          "sec-fetch-site": "same-origin",
          "referer": "http://ops.test/ops/queues/mail?x=1",
        }, { method: "POST", body: "queue=mail" });
        assertMatch(done, /^<!doctype html>/);
        assertMatch(done, /href="\/ops\/queues\/mail\?x=1"/);
        assertMatch(done, /not known whether/);
      }),
  });
}

Deno.test("what is at no address is a page, for browsers", async () => {
  await using app = new Lovage("shop", { brokerUrl: "memory://" });
  await using ops = dashboard(app, { unauthenticated: true });
  const page = await ops(
    new Request("http://ops.test/nowhere", { headers: PAGE }),
  );
  assertEquals(page.status, 404);
  assertMatch(await page.text(), /nothing at this address[^]*<\/html>/);
  const line = await ops(new Request("http://ops.test/nowhere"));
  assertEquals(line.status, 404);
  assertEquals(await line.text(), "There is nothing at this address\n");
});
