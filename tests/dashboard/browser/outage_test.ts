/**
 * The dashboard in a browser while its store is away, on servers that are
 * stopped and started again.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Lovage } from "@lovage/lovage";
import { startPostgres } from "../../adapters/fixtures/postgres_server.ts";
import { startRedis } from "../../adapters/fixtures/redis_server.ts";
import { browserTest, theBrowser } from "./scene.ts";
import { tasksOf } from "./shop.ts";
import { serve, Tab } from "./site.ts";

/** A server of the test's own. */
interface Stoppable {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  dispose(): Promise<void>;
}

async function newServer(kind: "redis" | "postgres"): Promise<Stoppable> {
  if (kind === "redis") {
    const server = await startRedis(["--appendonly", "yes"]);
    return {
      url: server.url,
      stop: () => server.kill(),
      start: () => server.start(),
      dispose: () => server.stop(),
    };
  }
  const server = await startPostgres();
  return {
    url: server.url(),
    stop: () => server.stop("immediate"),
    start: () => server.start(),
    dispose: () => server.dispose(),
  };
}

for (const kind of ["redis", "postgres"] as const) {
  browserTest(`a store that goes away and comes back (${kind})`, async (t) => {
    await using stack = new AsyncDisposableStack();
    const [server, browser] = await Promise.all([
      newServer(kind),
      theBrowser(),
    ]);
    stack.defer(() => server.dispose());
    const app = stack.use(new Lovage("shop", { brokerUrl: server.url }));
    const { mail } = tasksOf(app);
    await mail.applyAsync(["a@box"], { taskId: "kept", countdown: "1h" });
    const { url } = stack.use(serve(app));
    const followed = stack.use(await Tab.open(browser, url));
    const fresh = stack.use(await Tab.open(browser, url));
    // The browser itself complains about each answer of 503.
    for (const tab of [followed, fresh]) {
      tab.mayBeRefused();
      // A driver tries for a while before it gives up.
      tab.page.setDefaultTimeout(40_000);
    }

    await t.step("a page that was open stays, and says so", async () => {
      await followed.go("/tasks?state=SCHEDULED");
      await followed.sees("mail.send", "#live");
      await server.stop();
      await followed.sees(/is not up to date/, "#trouble");
      await followed.sees(/\b127\.0\.0\.1:\d+|has not answered/, "#trouble");
      await followed.page.locator(".live[data-state=away]").waitFor();
      // What it showed is still there, and so is what one was typing.
      await followed.sees("mail.send", "#live");
      const name = followed.page.getByLabel("Task", { exact: true });
      await name.fill("mail.*");
      assertEquals(await name.inputValue(), "mail.*");
      assertEquals(await followed.flaws(), []);
    });

    await t.step("a page that is opened says what failed", async () => {
      await fresh.go("/dead", 503);
      await fresh.page.getByRole("heading", { level: 1, name: /store/ })
        .waitFor();
      // The reason follows as soon as it is known.
      await fresh.sees(/127\.0\.0\.1:\d+.*(start the server)/, "main");
      await fresh.page.getByRole("link", { name: "Try again" }).waitFor();
      assertEquals(await fresh.flaws(), []);
      assertEquals(await fresh.overflow(), 0);
    });

    await t.step("both come back by themselves", async () => {
      await server.start();
      await fresh.page.getByRole("heading", { level: 1, name: "Dead letters" })
        .waitFor();
      await followed.page.locator("#trouble").waitFor({ state: "hidden" });
      await followed.page.locator(".live[data-state=live]").waitFor();
      await mail.applyAsync(["b@box"], { taskId: "new", countdown: "1h" });
      await followed.page.locator('#live a[href$="/new"]').waitFor();
      followed.assertQuiet();
      fresh.assertQuiet();
    });
  });
}
