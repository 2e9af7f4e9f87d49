/** What is done while the store is away is answered soon, with what is away. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Lovage } from "@lovage/lovage";
import { dashboard } from "../../src/dashboard/mod.ts";
import { onEachServer } from "../chaos/fixtures/servers.ts";

onEachServer(
  "an action does not wait for a store that is away",
  async (server) => {
    await using app = new Lovage("shop", { brokerUrl: server.url });
    await using ops = dashboard(app, { unauthenticated: true });
    const post = (path: string, type: string, body: string) =>
      ops(
        new Request(`http://ops.test${path}`, {
          method: "POST",
          body,
          headers: {
            "accept": "text/html",
            "content-type": type,
            "sec-fetch-site": "same-origin",
            "referer": "http://ops.test/queues/mail",
          },
        }),
      );
    const pauseByApi = () =>
      post(
        "/api/v1/actions/queues.pause",
        "application/json",
        JSON.stringify({ queue: "mail" }),
      );
    const done = await pauseByApi();
    assertEquals(done.status, 200, await done.text());

    const port = new URL(server.url).port;
    for (const away of ["freeze", "crash"] as const) {
      await server[away]();
      const begin = performance.now();
      const [json, flower, page] = await Promise.all([
        pauseByApi(),
        post(
          "/api/task/send-task/mail",
          "application/json",
          JSON.stringify({ args: [] }),
        ),
        post(
          "/actions/queues.pause",
          "application/x-www-form-urlencoded",
          "queue=mail",
        ),
      ]);
      const took = performance.now() - begin;
      // A driver alone goes on trying for ten seconds and more.
      assert(took < 8_000, `${away}: ${took} ms`);
      for (const each of [json, flower]) {
        assertEquals(each.status, 503);
        const { error } = await each.json();
        assert(error.includes(`127.0.0.1:${port}`), error);
        assertMatch(error, /not known whether this was done/);
      }
      assertEquals(page.status, 503);
      const text = await page.text();
      assertMatch(text, /^<!doctype html>/);
      assert(text.includes(`127.0.0.1:${port}`), text);
      assertMatch(text, /not known whether/);
      if (away === "freeze") await server.thaw();
      else await server.start();
    }
  },
);
