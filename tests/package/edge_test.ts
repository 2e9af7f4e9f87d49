/**
 * The sending half, as a bundle, on the runtimes of others.
 */

import { assert, assertEquals } from "@std/assert";
import { bun, node, type Program } from "./fixtures/programs.ts";
import { Behind, TOKEN } from "../gateway/_fixture.ts";

const MOST_BYTES = 60_000;
const CALLER = new URL("./fixtures/call_edge.mjs", import.meta.url).pathname;

/** A bundle, and a gateway that it sends through. */
class Scene implements AsyncDisposable {
  readonly behind = new Behind(`memory://${crypto.randomUUID()}`);
  readonly bundle: string;
  readonly #directory = Deno.makeTempDirSync({ prefix: "lovage-edge-" });

  constructor() {
    this.bundle = `${this.#directory}/edge.mjs`;
    const entry = new URL("./fixtures/edge.ts", import.meta.url).pathname;
    const { success, stderr } = new Deno.Command(Deno.execPath(), {
      args: ["bundle", "-q", "--platform", "browser", "--minify", entry]
        .concat("-o", this.bundle),
      cwd: new URL("../../", import.meta.url),
    }).outputSync();
    assert(success, new TextDecoder().decode(stderr));
  }

  async work(): Promise<void> {
    const { app } = this.behind;
    app.task("math.add", (a: number, b: number) => a + b);
    await app.worker({ pool: "async" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.behind[Symbol.asyncDispose]();
    await Deno.remove(this.#directory, { recursive: true });
  }
}

Deno.test("a producer's bundle with the HTTP store is small", async () => {
  await using scene = new Scene();
  const zipped = new Blob([await Deno.readFile(scene.bundle)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const { byteLength } = await new Response(zipped).arrayBuffer();
  assert(byteLength < MOST_BYTES, `${byteLength} bytes`);
});

const RUNTIMES: Readonly<Record<string, Program>> = {
  deno: { path: Deno.execPath() },
  node: await node(),
  bun: await bun(),
};

for (const [runtime, { path = "", missing }] of Object.entries(RUNTIMES)) {
  const suffix = missing === undefined ? "" : ` (${missing})`;
  Deno.test({
    name: `a task is sent, and its result waited for, by ${runtime}${suffix}`,
    ignore: missing !== undefined,
    async fn() {
      await using scene = new Scene();
      await scene.work();
      const { behind, bundle } = scene;
      const flags = runtime === "deno" ? ["run", "-A", "--no-config"] : [];
      const { stdout, stderr } = await new Deno.Command(path, {
        args: [...flags, CALLER, bundle, behind.url, TOKEN],
      }).output();
      const text = new TextDecoder().decode(stdout);
      assertEquals(text, '{"value":13}\n', new TextDecoder().decode(stderr));
    },
  });
}

Deno.test({
  name: "a task is sent, and its result waited for, by workerd",
  // The simulator keeps a process and a server of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using scene = new Scene();
    await scene.work();
    const { Miniflare } = await import("miniflare");
    const contents = await Deno.readTextFile(scene.bundle);
    const edge = new Miniflare({
      modules: [{ type: "ESModule", path: "edge.mjs", contents }],
      compatibilityDate: "2026-01-01",
      bindings: { GATEWAY: scene.behind.url, TOKEN },
    });
    try {
      const response = await edge.dispatchFetch("http://localhost/");
      assertEquals(await response.text(), '{"value":13}');
    } finally {
      await edge.dispose();
    }
  },
});
