/**
 * The port of a Celery project, on SQLite: its tasks by a worker with
 * isolates, and what Django sends through a gateway.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { gateway } from "@lovage/lovage/gateway/server";
import { internalsOf } from "../../src/internals.ts";
import { canRun } from "../package/fixtures/programs.ts";
import { app, charge, daily } from "../../examples/from_celery/tasks.ts";
import { invoiceOf, placeOrder } from "../../examples/from_celery/views.ts";

const EXAMPLE = new URL("../../examples/from_celery/", import.meta.url);
const TOKEN = "the-token-of-django";

/** The app on a store of its own, with a worker. */
async function scene(): Promise<AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "lovage-celery-" });
  app.configure({ brokerUrl: `sqlite://${path}/q.db` });
  await app.worker({ pool: "async" });
  return {
    async [Symbol.asyncDispose]() {
      await app.close();
      await Deno.remove(path, { recursive: true });
    },
  };
}

Deno.test("from Celery: chain, chord, retries, routes, limits", async () => {
  await using _scene = await scene();
  const placed = await placeOrder(7, "ann");
  assertEquals(await placed.get({ timeout: "10s" }), "receipt-7.pdf to ann");
  const lines = [{ item: "tea", count: 2, price: 5 }, {
    item: "cup",
    count: 1,
    price: 9,
  }];
  assertEquals(await invoiceOf(7, lines), "7: 19");
  const retried = await charge.delay(113);
  assertEquals(await retried.get({ timeout: "20s" }), {
    order: 113,
    retries: 1,
  });
  const report = await daily.applyAsync(["south"], { countdown: "1h" });
  const { broker } = await internalsOf(app).stores.open();
  const [waits] = await broker.inspector.find([report.id]);
  assertEquals([waits?.queue, waits?.priority], ["reports", 6]);
});

Deno.test({
  name: `from Celery: Django sends through a gateway${
    canRun("python3") ? "" : " (python3 is not installed)"
  }`,
  ignore: !canRun("python3"),
  async fn() {
    await using _scene = await scene();
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      gateway(app, {
        tokens: [{ name: "django", token: TOKEN, tasks: ["orders.*"] }],
      }),
    );
    try {
      const { stdout, stderr } = await new Deno.Command("python3", {
        args: ["-c", PYTHON],
        cwd: EXAMPLE,
        env: {
          LOVAGE_URL: `http://127.0.0.1:${server.addr.port}/`,
          LOVAGE_TOKEN: TOKEN,
          PYTHONDONTWRITEBYTECODE: "1",
        },
      }).output();
      const [said, errors] = [stdout, stderr].map((bytes) =>
        new TextDecoder().decode(bytes)
      );
      assertMatch(
        said ?? "",
        /^a\.pdf to ann\none one\nb\.pdf to ben\nHTTP Error 403/,
        errors,
      );
    } finally {
      await server.shutdown();
    }
  },
});

const PYTHON = `
from lovage_client import get_result, send_task
print(get_result(send_task("orders.mail", "a.pdf", "ann", queue="orders")))
ids = [send_task("orders.mail", "x", "y", task_id="one") for _ in range(2)]
print(*ids)
print(get_result(send_task("orders.mail", "b.pdf", "ben", countdown=0.2)))
try:
    send_task("reports.daily", "all")
except Exception as error:
    print(error)
`;
