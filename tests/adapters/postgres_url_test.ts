/** What a URL says to the store, as the server sees it. */

import { assert, assertEquals } from "@std/assert";
import {
  ids,
  message,
  reserve,
  settlement,
} from "../../src/testing/conformance/fixtures.ts";
import { postgresSuite, type PostgresTest } from "./fixtures/postgres_suite.ts";

const test = postgresSuite("log_min_messages = log\nlog_statement = all\n");

/** What the server has logged. */
async function logOf({ server }: PostgresTest): Promise<string> {
  return await server.psql(
    `select pg_read_file(current_setting('data_directory') || '/../log')`,
  );
}

/** How statements have come: by the name of a prepared one, or without. */
function namesIn(log: string): string[] {
  return [...log.matchAll(/ execute (\S+): /g)].map(([_, name = ""]) => name);
}

const CASES = [
  { query: "", prepared: true },
  { query: "?prepare=true", prepared: true },
  { query: "?prepare=false", prepared: false },
  { query: "?listen=false", prepared: false },
  { query: "?listen=false&prepare=true", prepared: true },
];

for (const { query, prepared } of CASES) {
  test(`statements are ${prepared ? "" : "not "}prepared with "${query}"`, async (given) => {
    const before = await logOf(given);
    const store = await given.open({ url: given.server.url() + query });
    await store.broker.publish([message("a")]);
    const [a] = await reserve(store);
    assertEquals(ids([a!]), ["a"]);
    await store.broker.settle("c1", [settlement(a!)]);
    await store.close();
    const names = namesIn((await logOf(given)).slice(before.length));
    assert(names.length > 3, `Only ${names.length} statements were seen`);
    assert(names.every((name) => (name !== "<unnamed>") === prepared));
  });
}
