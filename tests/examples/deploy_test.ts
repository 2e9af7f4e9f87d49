/**
 * The files of deployments: the command lines in them are such as the command
 * line takes, and what KEDA asks for is where tasks wait.
 */

import { assert, assertEquals } from "@std/assert";
import { Command } from "commander";
import { Lovage } from "@lovage/lovage";
import { internalsOf } from "../../src/internals.ts";
import { Cli } from "../../src/cli/cli.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { addGlobalOptions, type Globals } from "../../src/cli/globals.ts";
import {
  startPostgres,
  whyNoPostgres,
} from "../adapters/fixtures/postgres_server.ts";
import { Client } from "../dashboard/_client.ts";

const FOLDER = new URL("../../examples/deploy/", import.meta.url);
const read = (name: string) => Deno.readTextFileSync(new URL(name, FOLDER));

/** What starts a process of Lovage's in files that are written in lines. */
const LINES = /(?:lovage\/cli |^\s*command: )((?:worker|beat|dashboard) .*)$/gm;

/** Every command line in the files, by where it is. */
function commandLines(): [where: string, words: string[]][] {
  const found: [string, string[]][] = [];
  const files = [
    ...["Procfile", "supervisord.conf", "compose.yaml"],
    ...["lovage-worker@.service", "lovage-beat.service"]
      .concat("lovage-dashboard.service").map((name) => `systemd/${name}`),
  ];
  for (const file of files) {
    for (const [, line = ""] of read(file).matchAll(LINES)) {
      found.push([file, line.trim().split(/\s+/)]);
    }
  }
  const [, docker = "[]"] = /^CMD (\[.*\])$/m.exec(read("Dockerfile")) ?? [];
  found.push(["Dockerfile", JSON.parse(docker)]);
  for (const file of ["worker", "beat"]) {
    found.push([`${file}.yaml`, argsIn(read(`kubernetes/${file}.yaml`))]);
  }
  return found;
}

/** `args: [a, b]`, or a line for each. */
function argsIn(yaml: string): string[] {
  const [, flow] = /args: \[(.*)\]/.exec(yaml) ?? [];
  if (flow !== undefined) return flow.split(", ");
  const [, block = ""] = /args:\n((?:\s+- .*\n)+)/.exec(yaml) ?? [];
  return [...block.matchAll(/- "?([^"\n]+)"?/g)].map(([, each = ""]) => each);
}

Deno.test("deploy: every command line is one that the command line takes", async () => {
  const lines = commandLines();
  assert(lines.length >= 11, `found ${lines.length}`);
  for (const [where, [name = "", ...args]] of lines) {
    const command = new Command(name).exitOverride();
    addGlobalOptions(command);
    const entry = COMMANDS[name];
    assert(entry !== undefined, `${where}: ${name}`);
    (await entry.load()).define(command, new Cli(() => ({}) as Globals));
    const { operands, unknown } = command.parseOptions(args);
    assertEquals([operands, unknown], [[], []], where);
  }
});

const ready = (app: Lovage) =>
  app.sendMany([1, 2, 3].map((n) => app.signature("any", [n])));

Deno.test({
  name: `deploy: KEDA's postgresql trigger counts what is ready${
    suffix(whyNoPostgres())
  }`,
  ignore: whyNoPostgres() !== undefined,
  async fn() {
    const server = await startPostgres();
    try {
      await using app = new Lovage("shop", { brokerUrl: server.url() });
      await ready(app);
      await app.signature("any", [4]).applyAsync([], { countdown: "1h" });
      const yaml = read("kubernetes/keda-postgres.yaml");
      const [, query = ""] = /query: >-\n((?: {10}.*\n)+)/.exec(yaml) ?? [];
      const { default: postgres } = await import("postgres");
      const sql = postgres(server.url(), { max: 1 });
      const [row] = await sql.unsafe(query);
      await sql.end();
      assertEquals(Number(row?.["count"]), 3);
    } finally {
      await server.dispose();
    }
  },
});

Deno.test("deploy: KEDA's metrics-api trigger finds the number in the dashboard", async () => {
  await using app = new Lovage("shop", { brokerUrl: "memory://deploy" });
  await ready(app);
  await internalsOf(app).stores.open();
  await using client = new Client(app);
  const yaml = read("kubernetes/keda-dashboard.yaml");
  const [, url = ""] = /url: (.*)/.exec(yaml) ?? [];
  const [, name, field = ""] =
    /valueLocation: '#\(name=="(.*)"\)\.(.*)'/.exec(yaml) ?? [];
  const { pathname } = new URL(url);
  const response = await client.dashboard(
    new Request(`http://localhost${pathname}`),
  );
  const queues: Record<string, unknown>[] = await response.json();
  assertEquals(queues.find((each) => each["name"] === name)?.[field], 3);
});

function suffix(reason: string | undefined): string {
  return reason === undefined ? "" : ` (${reason})`;
}
