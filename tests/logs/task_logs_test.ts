import { assertEquals, assertMatch } from "@std/assert";
import { Workplace } from "../cli/fixtures/processes.ts";
import { Lovage } from "@lovage/lovage";

const TASKS = new URL("./fixtures/tasks.ts", import.meta.url).href;

/** What a worker logs of two tasks, by the text that each was given. */
async function logged(...flags: string[]): Promise<Map<string, string[]>> {
  await using place = new Workplace();
  const worker = place.launch("worker", "--app", TASKS, ...flags);
  await worker.line(/is ready|"event":"ready"/);
  const brokerUrl = `sqlite://${place.file("q.db")}`;
  await using app = new Lovage("told", { brokerUrl });
  const tell = app.task("tell", (_text: string) => {});
  const results = await app.sendMany([tell.s("one"), tell.s("two")]);
  const told = new Map<string, string[]>();
  for (const [at, result] of results.entries()) {
    await result.get({ timeout: "30s" });
    told.set(["one", "two"][at] ?? "", [result.id]);
  }
  worker.kill("SIGTERM");
  await worker.status();
  for (const line of worker.stderr) {
    for (const [text, lines] of told) if (line.includes(text)) lines.push(line);
  }
  return told;
}

const POOLS = [["-c", "2"], ["-c", "2", "--slots-per-host", "2"], [
  ...["-P", "async"],
]];

for (const pool of POOLS) {
  Deno.test(`what a task logs bears its name and id (${pool.join(" ")})`, async () => {
    for (const [text, [id, own, ...deep]] of await logged(...pool)) {
      const task = `tell\\[${id}\\]`;
      assertMatch(own ?? "", new RegExp(`INFO +${task} ${text} by its own$`));
      assertEquals(deep.length, 2);
      for (const [at, line] of deep.entries()) {
        const end = `${task} shop.deep ${text} ${at + 1}$`;
        assertMatch(line, new RegExp(end));
      }
    }
  });
}

Deno.test("… also as JSON", async () => {
  for (const [, [id, ...lines]] of await logged("-P", "async", "--json")) {
    assertEquals(lines.length, 3);
    for (const line of lines) {
      const { properties } = JSON.parse(line);
      assertEquals([properties.task, properties.taskId], ["tell", id]);
    }
  }
});
