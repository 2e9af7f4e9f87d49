import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigError } from "@lovage/lovage";
import { drain, enqueued } from "../../src/testing/mod.ts";
import { onMemory, untyped } from "../_helpers.ts";

onMemory(
  "middleware wraps publishing, the first given outermost",
  async (lab) => {
    const app = lab.app();
    const order: string[] = [];
    for (const name of ["outer", "inner"]) {
      app.use({
        publish: async (envelope, next) => {
          order.push(`${name} before`);
          await next(envelope);
          order.push(`${name} after`);
        },
      });
    }
    app.on("beforeTaskPublish", () => order.push("before"));
    app.on("afterTaskPublish", () => order.push("after"));
    await app.sendTask("task");
    assertEquals(order, [
      "outer before",
      "inner before",
      "before",
      "after",
      "inner after",
      "outer after",
    ]);
  },
);

onMemory("middleware changes what is published", async (lab) => {
  const app = lab.app();
  app.use({
    publish: (envelope, next) =>
      next({
        ...envelope,
        headers: { ...envelope.headers, tenant: 7 },
        queue: "tenants",
      }),
  });
  await app.sendTask("task", [], { headers: { own: 1 } });
  const [task] = await enqueued(app);
  assertEquals([task?.headers, task?.queue], [
    { own: 1, tenant: 7 },
    "tenants",
  ]);
});

onMemory("middleware that throws refuses the call", async (lab) => {
  const app = lab.app();
  app.use({ publish: () => Promise.reject(new RangeError("no")) });
  await assertRejects(() => app.sendTask("task"), RangeError, "no");
  assertEquals(await enqueued(app), []);
});

onMemory(
  "middleware sees that the store did not take the message",
  async (lab) => {
    const app = lab.app({ brokerUrl: "nosuch://store" });
    const seen: string[] = [];
    app.use({
      publish: async (envelope, next) => {
        await next(envelope).catch((error) => {
          seen.push(error.name);
          throw error;
        });
      },
    });
    await assertRejects(
      () => app.sendTask("task"),
      Error,
      'speaks "nosuch://"',
    );
    assertEquals(seen, ["StoreError"]);
  },
);

onMemory("middleware wraps runs, the first given outermost", async (lab) => {
  const app = lab.app();
  const order: string[] = [];
  for (const name of ["outer", "inner"]) {
    app.use({
      run: async (self, next) => {
        order.push(`${name} before ${self.request.args}`);
        const result = await next();
        order.push(`${name} after`);
        return `${name}(${result})`;
      },
    });
  }
  const task = app.task("task", (n: number) => {
    order.push("run");
    return n;
  });
  const result = await task.delay(5);
  await drain(app);
  assertEquals(order, [
    "outer before 5",
    "inner before 5",
    "run",
    "inner after",
    "outer after",
  ]);
  assertEquals(await result.get() as unknown, "outer(inner(5))");
});

onMemory(
  "middleware sees errors, and may answer in their place",
  async (lab) => {
    const app = lab.app();
    app.use({
      run: async (self, next) => {
        try {
          return await next();
        } catch (error) {
          if (self.request.args[0] === "heal") return "healed";
          throw new SyntaxError(`seen: ${(error as Error).message}`);
        }
      },
    });
    const task = app.task("task", (_kind: string): string => {
      throw new RangeError("bad");
    });
    const healed = await task.delay("heal");
    const changed = await task.delay("throw");
    await drain(app);
    assertEquals(await healed.get(), "healed");
    await assertRejects(() => changed.get(), SyntaxError, "seen: bad");
  },
);

onMemory(
  "middleware that does not call next keeps the task from running",
  async (lab) => {
    const app = lab.app();
    app.use({ run: () => Promise.resolve("instead") });
    let ran = false;
    const task = app.task("task", () => {
      ran = true;
    });
    const result = await task.delay();
    await drain(app);
    assertEquals([await result.get(), ran], ["instead", false] as never);
  },
);

onMemory("middleware of an unknown kind is refused", async (lab) => {
  const app = lab.app();
  assertThrows(
    () => app.use(untyped({ publsh: () => {} })),
    ConfigError,
    'Did you mean "publish"?',
  );
  assertThrows(() => app.use(untyped({ run: 1 })), ConfigError, "a function");
  await app.sendTask("task");
});
