/**
 * What the dashboard streams to those who watch, on every store.
 */

import { assert, assertEquals } from "@std/assert";
import { everyStore } from "../control/_stores.ts";
import { Client } from "./_client.ts";

const test = everyStore();

/** Reads a stream of events. */
class Events {
  readonly #reader: ReadableStreamDefaultReader<string>;
  /** All that was said so far. */
  text = "";

  constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async of(client: Client, topics: string): Promise<Events> {
    const { headers, body } = await client.ask(
      `/api/v1/stream?topics=${topics}`,
    );
    assertEquals(headers.get("content-type"), "text/event-stream");
    assert(body !== null);
    return new Events(body);
  }

  /** Reads until this was said. */
  async until(wanted: RegExp): Promise<void> {
    while (!wanted.test(this.text)) {
      const part = await this.#reader.read();
      if (part.done) throw new Error(`Ended: ${this.text}`);
      this.text += part.value;
    }
  }

  /** Reads to the end. */
  async end(): Promise<void> {
    while (!(await this.#reader.read()).done);
  }
}

test("the stream tells what changes, and ends with the dashboard", async (place) => {
  const app = place.app();
  const add = app.task("math.add", (a: number, b: number) => a + b);
  await using client = new Client(app);
  const events = await Events.of(client, "queues");
  await events.until(/event: queues\ndata: .*"queued":0/);
  await add.delay(1, 1);
  await events.until(/event: queues\ndata: .*"queued":1/);
  assert(!events.text.includes("event: stats"));
  await client.dashboard.close();
  await events.end();
});

test("the stream tells of one task, of schedules and of dead letters", async (place) => {
  const app = place.app();
  const add = app.task("math.add", (a: number, b: number) => a + b);
  await add.applyAsync([1, 1], { taskId: "one" });
  await using client = new Client(app);
  const events = await Events.of(client, "task:one,schedules,dead");
  await events.until(/event: task:one\ndata: .*"state":"PENDING"/);
  await events.until(/event: dead\ndata: \[\]/);
  await client.act("tasks.revoke", { id: "one" });
  const entry = { name: "n", task: "math.add", schedule: "5m" };
  await client.act("schedules.create", entry);
  await events.until(/event: task:one\ndata: .*"state":"REVOKED"/);
  await events.until(/event: schedules\ndata: .*"name":"n"/);
  await client.dashboard.close();
  await events.end();
});
