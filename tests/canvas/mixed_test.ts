/**
 * Tasks wait in one store, and the members of groups are counted in another.
 */

import { assertEquals } from "@std/assert";
import { chord, type GroupResult } from "@lovage/lovage";
import { internalsOf } from "../../src/internals.ts";
import { PATIENCE, until } from "../_helpers.ts";
import { missing, Servers, serversTest } from "../app/fixtures/servers.ts";
import { isIdle } from "./comparison.ts";
import { canvasApp } from "./fixtures/canvas_app.ts";
import { testCanvases } from "./suite.ts";

const servers = new Servers();

const config = async () => ({
  brokerUrl: await servers.newRedis(),
  resultBackend: await servers.newPostgres(),
});

testCanvases({
  name: "redis and postgres",
  reason: missing,
  config,
  batch: 15,
  batches: 1,
});

serversTest(
  "redis and postgres: a body that is published again does not run again",
  async () => {
    await using app = canvasApp(await config());
    let bodies = 0;
    const member = app.task("member", () => 1);
    const body = app.task("body", (list: number[]) => {
      bodies++;
      return list;
    });
    await app.worker({ pool: "async" });
    const result = await chord([member.s(), member.s()], body.s()).delay();
    assertEquals(await result.get({ timeout: PATIENCE }), [1, 1]);

    // What a worker does that is killed before its member is settled, and
    // then the one that takes the member over.
    const { broker, backend } = await internalsOf(app).stores.open();
    const { id: group } = result.parent as GroupResult;
    const ends = [{ group, index: 1, failed: false }];
    const due = await backend.results.endMembers(ends);
    assertEquals(due.map(({ id }) => id), [result.id]);
    await broker.broker.publish(due);
    await until(() => isIdle(app), "nothing is left");
    assertEquals(bodies, 1);
  },
);
