import { assertEquals, assertRejects } from "@std/assert";
import { ValidationError } from "@lovage/lovage";
import { z } from "zod";
import * as v from "valibot";
import { drain, enqueued } from "../../src/testing/mod.ts";
import { onEachStore, onMemory } from "../_helpers.ts";

onEachStore(
  "a zod schema converts the argument before the run",
  async (lab) => {
    const app = lab.app();
    const order = z.object({
      id: z.number(),
      note: z.string().default("none"),
    });
    const task = app.task("task", { schema: order }, ({ id, note }) => {
      return `${id}: ${note}`;
    });
    const result = await task.delay({ id: 1 });
    assertEquals((await enqueued(app))[0]?.args, [{ id: 1 }]);
    await drain(app);
    assertEquals(await result.get(), "1: none");
  },
);

onMemory(
  "valibot schemas stand for all arguments and the result",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", {
      schema: {
        args: [v.pipe(v.string(), v.trim()), v.number()],
        result: v.pipe(v.number(), v.transform((n) => `${n}!`)),
      },
    }, (text, times) => text.length * times);
    const result = await task.delay("  four ", 2);
    await drain(app);
    assertEquals(await result.get(), "8!");
  },
);

onMemory(
  "a wrong argument is refused at the call, naming what is wrong",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", {
      schema: { args: [z.object({ user: z.object({ age: z.int() }) })] },
    }, () => {});
    await assertRejects(
      () => task.delay({ user: { age: 1.5 } }),
      ValidationError,
      'args[0] of task "task" does not fit its schema: user.age: ',
    );
    await assertRejects(
      () => app.sendTask("task", [{ user: { age: 1 } }, "more"]),
      ValidationError,
      "takes 1 arguments, but was given 2",
    );
    await assertRejects(() => app.sendTask("task"), ValidationError, "args[0]");
    await assertRejects(
      () => app.sendMany([app.signature("task", [1])]),
      ValidationError,
    );
    assertEquals(await enqueued(app), []);
  },
);

onMemory(
  "a wrong argument of a producer without the schema fails at the run",
  async (lab) => {
    const app = lab.app();
    const producer = lab.app({}, "producer");
    let ran = false;
    const task = app.task("task", { schema: z.number() }, () => {
      ran = true;
    });
    const result = await producer.sendTask(task.name, ["seven"]);
    assertEquals(await drain(app), { FAILURE: 1 });
    await assertRejects(() => result.get(), ValidationError, "args[0]");
    assertEquals(ran, false);
  },
);

onMemory(
  "a result that does not fit its schema fails the task",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", {
      schema: { result: z.object({ total: z.number().max(10) }) },
    }, () => ({ total: 11 }));
    const result = await task.delay();
    await drain(app);
    await assertRejects(
      () => result.get(),
      ValidationError,
      'The result of task "task" does not fit its schema: total: ',
    );
  },
);

onMemory(
  "keyword arguments are the last argument to a schema, too",
  async (lab) => {
    const app = lab.app();
    const task = app.task("task", {
      schema: { args: [z.number(), z.object({ dry: z.boolean() })] },
    }, (n, { dry }) => [n, dry]);
    const result = await task.applyAsync(
      [1] as unknown as [number, { dry: boolean }],
      { kwargs: { dry: true } },
    );
    await assertRejects(
      () =>
        task.applyAsync([1] as unknown as [number, { dry: boolean }], {
          kwargs: { dry: "yes" },
        }),
      ValidationError,
      "args[1]",
    );
    await drain(app);
    assertEquals(await result.get(), [1, true]);
  },
);

onMemory("a schema that is asynchronous is awaited", async (lab) => {
  const app = lab.app();
  const known = z.string().refine(async (name) => {
    await Promise.resolve();
    return name === "known";
  });
  const task = app.task("task", { schema: known }, (name) => name);
  await assertRejects(() => task.delay("unknown"), ValidationError);
  const result = await task.delay("known");
  await drain(app);
  assertEquals(await result.get(), "known");
});

onMemory(
  "a validation error is not retried unless it is asked for",
  async (lab) => {
    const app = lab.app();
    const producer = lab.app({}, "producer");
    app.task(
      "task",
      { schema: z.number(), autoretryFor: [TypeError] },
      () => {},
    );
    await producer.sendTask("task", ["no"]);
    assertEquals(await drain(app), { FAILURE: 1 });
  },
);
