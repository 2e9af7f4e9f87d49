import { assertEquals, assertRejects } from "@std/assert";
import { Reject, type TaskOptions } from "@lovage/lovage";
import { drain, FakeClock } from "../../src/testing/mod.ts";
import { onMemory } from "../_helpers.ts";

/** Hooks that note their calls. */
function noting(calls: unknown[][]): TaskOptions {
  return {
    beforeStart: (self, args) => calls.push(["before", self.name, ...args]),
    onSuccess: (_, result, args) => calls.push(["success", result, ...args]),
    onFailure: (_, error, args) =>
      calls.push(["failure", String(error), ...args]),
    onRetry: (_, error, args) => calls.push(["retry", String(error), ...args]),
    afterReturn: (_, state, result, args) =>
      calls.push(["after", state, String(result), ...args]),
  };
}

onMemory(
  "the hooks of a task are called around every run, in order",
  async (lab) => {
    const app = lab.app({ clock: new FakeClock() });
    const calls: unknown[][] = [];
    const task = app.task(
      "task",
      {
        ...noting(calls) as object,
        bind: true,
        autoretryFor: [TypeError],
        maxRetries: 1,
      },
      (self, kind: string) => {
        calls.push(["run", kind]);
        if (kind === "good") return "fine";
        if (kind === "reject") throw new Reject("no");
        throw kind === "retry" && self.request.retries === 0
          ? new TypeError("once")
          : new RangeError("bad");
      },
    );
    const take = async (kind: string) => {
      calls.length = 0;
      await task.delay(kind);
      await drain(app, { withScheduled: true });
      return calls.slice();
    };
    assertEquals(await take("good"), [
      ["before", "task", "good"],
      ["run", "good"],
      ["success", "fine", "good"],
      ["after", "SUCCESS", "fine", "good"],
    ]);
    assertEquals(await take("bad"), [
      ["before", "task", "bad"],
      ["run", "bad"],
      ["failure", "RangeError: bad", "bad"],
      ["after", "FAILURE", "RangeError: bad", "bad"],
    ]);
    assertEquals(await take("retry"), [
      ["before", "task", "retry"],
      ["run", "retry"],
      ["retry", "TypeError: once", "retry"],
      ["after", "RETRY", "TypeError: once", "retry"],
      ["before", "task", "retry"],
      ["run", "retry"],
      ["failure", "RangeError: bad", "retry"],
      ["after", "FAILURE", "RangeError: bad", "retry"],
    ]);
    assertEquals(await take("reject"), [
      ["before", "task", "reject"],
      ["run", "reject"],
      ["after", "REJECTED", "Reject: no", "reject"],
    ]);
  },
);

onMemory("hooks are awaited before the task counts as ended", async (lab) => {
  const app = lab.app();
  const order: string[] = [];
  const slowly = (name: string) => async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    order.push(name);
  };
  const task = app.task("task", {
    beforeStart: slowly("before"),
    onSuccess: slowly("success"),
    afterReturn: slowly("after"),
  }, () => {
    order.push("run");
  });
  await task.delay();
  await drain(app);
  assertEquals(order, ["before", "run", "success", "after"]);
});

onMemory(
  "beforeStart that throws fails the task, and the task does not run",
  async (lab) => {
    const app = lab.app();
    let ran = false;
    const task = app.task("task", {
      beforeStart: () => {
        throw new SyntaxError("not ready");
      },
    }, () => {
      ran = true;
    });
    const result = await task.delay();
    await drain(app);
    await assertRejects(() => result.get(), SyntaxError, "not ready");
    assertEquals(ran, false);
  },
);

onMemory(
  "other hooks that throw change nothing of what came of the task",
  async (lab) => {
    const app = lab.app({ clock: new FakeClock() });
    const fail = () => {
      throw new Error("hook");
    };
    const task = app.task("task", {
      bind: true,
      onSuccess: fail,
      onFailure: fail,
      onRetry: fail,
      afterReturn: fail,
    }, (self, good: boolean) => {
      if (!good) throw new RangeError("bad");
      if (self.request.retries === 0) self.retry({ countdown: 1 });
      return "fine";
    });
    const good = await task.delay(true);
    const bad = await task.delay(false);
    await drain(app, { withScheduled: true });
    assertEquals(await good.get(), "fine");
    await assertRejects(() => bad.get(), RangeError, "bad");
  },
);

onMemory("hooks get the same context as the task", async (lab) => {
  const app = lab.app();
  const contexts = new Set<unknown>();
  const ids: string[] = [];
  const task = app.task("task", {
    bind: true,
    beforeStart: (self) => contexts.add(self),
    onSuccess: (self) => contexts.add(self),
    afterReturn: (self) => ids.push(self.request.id),
  }, (self) => {
    contexts.add(self);
  });
  const result = await task.delay();
  await drain(app);
  assertEquals(contexts.size, 1);
  assertEquals(ids, [result.id]);
});
