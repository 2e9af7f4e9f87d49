import { assertEquals } from "@std/assert";
import layers from "../../_tools/layers.ts";

function lint(filename: string, source: string): string[] {
  return Deno.lint.runPlugin(layers, filename, source)
    .map((diagnostic) => diagnostic.message);
}

const root = new URL("../../", import.meta.url).pathname;

Deno.test("layers: a store imports contracts, errors and its own files", () => {
  const source = `
    import type { Store } from "../../src/contracts/mod.ts";
    import { StoreError } from "../../src/errors.ts";
    import { open } from "./client.ts";
    import Redis from "ioredis";
  `;
  assertEquals(lint("adapters/redis/mod.ts", source), []);
  assertEquals(lint(`${root}adapters/redis/mod.ts`, source), []);
});

Deno.test("layers: an import against the direction is named", () => {
  const allowed =
    'allowed are "src/contracts", "src/errors", "adapters/_net", "adapters/_lease"';
  assertEquals(
    lint("adapters/redis/a.ts", 'import "../../src/worker/worker.ts";'),
    [`Cannot import "src/worker" from "adapters/redis": ${allowed}`],
  );
  assertEquals(
    lint(`${root}adapters/redis/a.ts`, 'import "../memory/mod.ts";'),
    [`Cannot import "adapters/memory" from "adapters/redis": ${allowed}`],
  );
});

Deno.test("layers: every form of import is seen", () => {
  for (
    const source of [
      'import "../worker/a.ts";',
      'import type { A } from "../worker/a.ts";',
      'export { a } from "../worker/a.ts";',
      'export * from "../worker/a.ts";',
      'const a = await import("../worker/a.ts");',
    ]
  ) {
    assertEquals(lint("src/producer/a.ts", source).length, 1, source);
  }
});

Deno.test("layers: contracts import nothing", () => {
  assertEquals(lint("src/contracts/a.ts", 'import "./b.ts";'), []);
  assertEquals(lint("src/contracts/a.ts", 'import "../errors.ts";'), [
    'Cannot import "src/errors" from "src/contracts": it imports nothing',
  ]);
  assertEquals(lint("src/contracts/a.ts", 'import "superjson";'), [
    'Cannot import "superjson" from "src/contracts": it imports nothing',
  ]);
});

Deno.test("layers: nobody imports dashboard, cli or the front door", () => {
  for (
    const specifier of ["../dashboard/a.ts", "../cli/a.ts", "../../mod.ts"]
  ) {
    assertEquals(lint("src/worker/a.ts", `import "${specifier}";`).length, 1);
  }
  assertEquals(lint("src/beat/a.ts", 'import "@lovage/lovage";').length, 1);
  assertEquals(lint("src/beat/a.ts", 'import "@std/assert";').length, 1);
});

Deno.test("layers: adapters are loaded lazily", () => {
  const specifier = "../../adapters/sqlite/mod.ts";
  assertEquals(lint("src/runtime/a.ts", `import("${specifier}");`), []);
  const type = `import type { A } from "${specifier}";`;
  assertEquals(lint("src/runtime/a.ts", type), []);
  assertEquals(lint("src/runtime/a.ts", `import "${specifier}";`), [
    'Cannot import "adapters/sqlite" from "src/runtime" at load time: ' +
    "use import()",
  ]);
  assertEquals(lint("mod.ts", 'import("./adapters/sqlite/mod.ts");').length, 1);
});

Deno.test("layers: only the runtime names Deno and node:", () => {
  const move = 'move it to "src/runtime", the only room that may';
  assertEquals(lint("src/worker/a.ts", "Deno.exit(1);"), [
    `Cannot name "Deno" here: ${move}`,
  ]);
  assertEquals(lint("src/worker/a.ts", "let a: Deno.Conn;").length, 1);
  assertEquals(lint("src/message/a.ts", 'import "node:fs";'), [
    `Cannot name "node:" here: ${move}`,
  ]);
  const both = 'import "node:fs"; Deno.exit(1);';
  assertEquals(lint("src/runtime/a.ts", both), []);
  assertEquals(lint("src/worker/pool/host_entry.ts", both), []);
  assertEquals(lint("src/worker/pool/isolate_entry.ts", both), []);
  assertEquals(lint("adapters/sqlite/a.ts", both).length, 1);
  assertEquals(lint("adapters/memory/a.ts", both).length, 2);
});

Deno.test("layers: the library does not write to the console", () => {
  const source = 'console.log("here");';
  const message = "Cannot write to the console here: use the logger";
  assertEquals(lint("src/worker/a.ts", source), [message]);
  assertEquals(lint("adapters/redis/a.ts", source), [message]);
  for (const path of ["src/cli/a.ts", "src/runtime/a.ts", "tests/a.ts"]) {
    assertEquals(lint(path, source), []);
  }
});

Deno.test("layers: the library does not assert with !", () => {
  assertEquals(lint("src/worker/a.ts", "f(a!);").length, 1);
  assertEquals(lint("tests/a.ts", "f(a!);"), []);
});

Deno.test("layers: examples import public specifiers only", () => {
  const source = `
    import { Lovage } from "@lovage/lovage";
    import { memoryStore } from "@lovage/lovage/memory";
    import { app } from "./tasks.ts";
    import "node:fs";
    Deno.exit(0);
  `;
  assertEquals(lint("examples/documents/demo.ts", source), []);
  assertEquals(lint("examples/documents/a.ts", 'import "../../mod.ts";'), [
    'Cannot import "mod.ts" from "examples": allowed are the public ' +
    'specifiers, "@lovage/lovage" and "@lovage/lovage/…"',
  ]);
});

Deno.test("layers: tests, tools, bench and cli.ts are free", () => {
  const source = 'import "./src/worker/a.ts"; Deno.exit(1);';
  for (const path of ["cli.ts", "tests/a.ts", "bench/a.ts", "_tools/a.ts"]) {
    assertEquals(lint(path, source), []);
  }
});
