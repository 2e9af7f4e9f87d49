/**
 * OpenTelemetry on Node, by its SDK: as docs/observability.md shows it.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { Collector } from "../telemetry/fixtures/collector.ts";
import { NpmProject } from "./fixtures/npm_project.ts";
import { canRun, node } from "./fixtures/programs.ts";

const { path = "", missing } = await node();
const reason = canRun("npm") ? missing : "npm is not installed";

const PAGE = new URL("../../docs/observability.md", import.meta.url);

const TASKS = `
import { Lovage } from "@lovage/lovage";
import { instrument } from "@lovage/lovage/opentelemetry";
import { sdk } from "./otel.js";

export const app = new Lovage("shop", { brokerUrl: "sqlite://./otel.db" });
instrument(app);
for (const event of ["workerShutdown", "workerProcessShutdown"]) {
  app.on(event, () => sdk.shutdown());
}
export const add = app.task("add", (a, b) => a + b);
`;

const SENDER = `
import { add, app } from "./traced.mjs";
console.log(await (await add.delay(1, 2)).get({ timeout: "20s" }));
await app.close();
`;

/** The module of the page that begins with its name. */
async function moduleOfPage(name: string): Promise<string> {
  const page = await Deno.readTextFile(PAGE);
  const [, code = ""] = page.split(`\n// ${name}\n`);
  return code.slice(0, code.indexOf("\n```"));
}

Deno.test({
  name: `Node: a trace goes from the caller to the worker, by the SDK${
    reason === undefined ? "" : ` (${reason})`
  }`,
  ignore: reason !== undefined,
  async fn() {
    await using project = await NpmProject.create();
    const installed = await project.scene("npm").run(
      ...["install", "--silent", "--prefer-offline", "@opentelemetry/sdk-node"],
    );
    assertEquals(installed.code, 0, installed.stderr);
    const files = {
      "otel.js": await moduleOfPage("otel.js"),
      "traced.mjs": TASKS,
      "sender.mjs": SENDER,
    };
    for (const [name, code] of Object.entries(files)) {
      await Deno.writeTextFile(`${project.path}/${name}`, code);
    }
    for (const pool of ["async", "isolate"]) {
      await using collector = new Collector();
      await using scene = project.scene(path, "", {
        ...collector.env,
        LOVAGE_APP: "./traced.mjs",
      });
      const sdk = ["--import", "./otel.js"];
      const worker = await scene.start(sdk, "worker", "--pool", pool);
      const sent = await scene.run(...sdk, "sender.mjs");
      assertEquals([sent.code, sent.stdout], [0, "3\n"], sent.stderr);
      worker.kill("SIGTERM");
      assertEquals((await worker.status()).code, 0);
      const send = collector.span("send add");
      assertEquals(collector.span("process add").parentSpanId, send.spanId);
      assertMatch(
        [...collector.metrics.keys()].join(),
        /messaging\.process\.duration/,
        pool,
      );
    }
  },
});
