import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError, Lovage, type TaskOptions } from "@lovage/lovage";
import { z } from "zod";
import { untyped } from "../_helpers.ts";

function define(options: unknown): void {
  new Lovage("shop").task("task", untyped(options), untyped(() => {}));
}

Deno.test("a task needs a name and a function", () => {
  const app = new Lovage("shop");
  assertThrows(
    () => app.task("", () => {}),
    ConfigError,
    'A task needs a name, such as "images.resize", but was given ""',
  );
  assertThrows(
    () => app.task(untyped(undefined), () => {}),
    ConfigError,
    "was given undefined",
  );
  for (const fn of [undefined, "code", {}]) {
    assertThrows(
      () => app.task("task", {}, untyped(fn)),
      ConfigError,
      'Task "task" needs a function as its last argument',
    );
  }
});

Deno.test("a name is taken once", () => {
  const app = new Lovage("shop");
  app.task("task", () => {});
  assertThrows(
    () => app.task("task", () => {}),
    ConfigError,
    'A task named "task" is registered already',
  );
});

Deno.test("an unknown option is refused with the one that was meant", () => {
  const misspelt = {
    maxRetry: "maxRetries",
    time_limit: "timeLimit",
    acks_late: "acksLate",
    autoRetryFor: "autoretryFor",
    onSucess: "onSuccess",
    ratelimit: "rateLimit",
  };
  for (const [name, meant] of Object.entries(misspelt)) {
    assertThrows(
      () => define({ [name]: 1 }),
      ConfigError,
      `Unknown option "${name}" of task "task". Did you mean "${meant}"?`,
    );
  }
});

Deno.test("an option of the wrong type is refused, saying what is wanted", () => {
  const wrong: { [Name in keyof TaskOptions]: readonly [unknown, string] } = {
    bind: [1, "true or false"],
    priority: [10, "a whole number 0 to 9"],
    expires: [new Date(), "a duration"],
    maxRetries: [-1, "a whole number of at least 0, or null"],
    autoretryFor: [[TypeError, "RangeError"], "item 1 must be an error class"],
    retryBackoff: [-2, "true, false or the first delay in seconds"],
    rateLimit: [
      "often",
      'a rate: a number per second, or a string such as "10/s"',
    ],
    timeLimit: ["1 hour", "a duration"],
    throws: [Error, "an array"],
    permissions: ["all", '"inherit" or "none", or an object'],
    memoryLimit: ["64", "an amount of memory"],
    schema: [{}.constructor, "a Standard Schema"],
    beforeStart: ["x", "a function"],
    trackStarted: ["yes", "true or false"],
  };
  for (const [name, [value, wanted]] of Object.entries(wrong)) {
    const { message } = assertThrows(
      () => define({ [name]: value }),
      ConfigError,
    );
    assert(
      message.startsWith(`Option "${name}" of task "task" must be `) &&
        message.includes(wanted),
      message,
    );
  }
});

Deno.test("options inside options are checked, too", () => {
  assertThrows(
    () => define({ retryKwargs: { maxRetry: 1 } }),
    ConfigError,
    'Unknown option "maxRetry" of retryKwargs. Did you mean "maxRetries"?',
  );
  assertThrows(
    () => define({ schema: { args: [z.string(), "string"] } }),
    ConfigError,
    "item 1 must be a Standard Schema",
  );
  assertThrows(() => define({ schema: { arg: [] } }), ConfigError, '"args"');
});

Deno.test("limits that contradict each other are refused when the task is defined", () => {
  assertThrows(
    () => define({ softTimeLimit: "10s", timeLimit: 10 }),
    ConfigError,
    'softTimeLimit (10000 ms) of task "task" must be shorter than its timeLimit',
  );
});

Deno.test("a task is its function", async () => {
  const app = new Lovage("shop");
  const add = app.task("math.add", (a: number, b: number) => a + b);
  assertEquals(await add(1, 2), 3);
  assertEquals(add.name, "math.add");
  assertEquals(app.tasks.get("math.add"), add);
});

Deno.test("a bound task gets a context also when it is called directly", async () => {
  const app = new Lovage("shop");
  const task = app.task("task", { bind: true }, async (self, n: number) => {
    self.checkpoint();
    await self.updateState("PROGRESS", n);
    self.log.info("nothing is set up to print this");
    return [self.name, self.request.args, self.request.calledDirectly];
  });
  assertEquals(await task(5), ["task", [5], true]);
});

Deno.test("a task called directly may fail directly", () => {
  const app = new Lovage("shop");
  const task = app.task("task", (): number => {
    throw new RangeError("at once");
  });
  assertThrows(() => task(), RangeError, "at once");
});
