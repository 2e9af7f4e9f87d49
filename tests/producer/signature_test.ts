import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ConfigError, DecodeError, EncodeError } from "@lovage/lovage";
import { drain, enqueued, FakeClock } from "../../src/testing/mod.ts";
import { rich } from "../message/arbitraries.ts";
import { type Lab, onMemory, untyped } from "../_helpers.ts";

function shop(lab: Lab) {
  const app = lab.app({ clock: new FakeClock(0) });
  const add = app.task("add", (a: number, b: number) => a + b);
  const note = app.task("note", (text: string) => text);
  return { app, add, note };
}

onMemory("s() with all arguments is sent as it is", async (lab) => {
  const { app, add } = shop(lab);
  const result = await add.s(1, 2).delay();
  await drain(app);
  assertEquals(await result.get(), 3);
});

onMemory(
  "s() without the first argument takes it when it is sent",
  async (lab) => {
    const { app, add } = shop(lab);
    const result = await add.s(2).delay(40);
    assertEquals((await enqueued(app))[0]?.args, [40, 2]);
    await drain(app);
    assertEquals(await result.get(), 42);
  },
);

onMemory(
  "signatures are immutable: set, clone and link make others",
  (lab) => {
    const { add, note } = shop(lab);
    const first = add.s(1, 2);
    const before = JSON.stringify(first);
    first.set({ queue: "other" });
    first.clone([], { queue: "other" });
    first.link(note.si("done"));
    first.linkError(note.si("failed"));
    assertEquals(JSON.stringify(first), before);
  },
);

onMemory("set() adds options to those that there are", async (lab) => {
  const { app, add } = shop(lab);
  await add.s(1, 2).set({ queue: "a", priority: 1 }).set({ queue: "b" })
    .applyAsync([], { priority: 2 });
  const [task] = await enqueued(app);
  assertEquals([task?.queue, task?.priority], ["b", 2]);
});

onMemory(
  "clone() puts arguments first, except for an immutable signature",
  (lab) => {
    const { add } = shop(lab);
    assertEquals(add.s(2).clone([1]).args, [1, 2]);
    assertEquals(add.si(3, 4).clone([1]).args, [3, 4]);
    assertEquals(add.s(1, 2).clone([], { queue: "a" }).options.queue, "a");
  },
);

onMemory("link() and linkError() collect", async (lab) => {
  const { app, add, note } = shop(lab);
  const json = add.s(1, 2).link(note.si("a")).link(note.si("b"))
    .linkError(note.si("c")).toJSON();
  const names = (key: string) =>
    (json.options[key] as { args: unknown[] }[]).map(({ args }) => args[0]);
  assertEquals([names("link"), names("linkError")], [["a", "b"], ["c"]]);
  await app.signature(json).delay();
  assertEquals(await drain(app), { SUCCESS: 3 });
});

onMemory(
  "apply() runs it here, through everything that a worker does",
  async (lab) => {
    const { add } = shop(lab);
    assertEquals(await (await add.s(2).apply(1)).get(), 3);
  },
);

onMemory("a signature by name needs no code of the task", async (lab) => {
  const { app } = shop(lab);
  await app.signature("elsewhere", [1], { queue: "far" }).delay();
  const [task] = await enqueued(app);
  assertEquals([task?.task, task?.args, task?.queue], [
    "elsewhere",
    [1],
    "far",
  ]);
});

onMemory(
  "JSON brings a signature back, rich arguments, options and links included",
  async (lab) => {
    const { app, add, note } = shop(lab);
    const json = app.signature("any", [new Date(5), { big: 5n }], {
      countdown: 1.5,
      eta: undefined,
      expires: new Date(60_000),
      headers: { a: [1] },
      ignoreResult: true,
      kwargs: { set: new Set([1]) },
      link: [add.s(2).set({ softTimeLimit: "1s" }), note.si("x")],
      linkError: note.s(),
      priority: 3,
      queue: "far",
      shadow: "shown",
      timeLimit: null,
    }).toJSON();
    const text = JSON.stringify(json);
    const again = app.signature(JSON.parse(text));
    assertEquals(JSON.parse(JSON.stringify(again)), JSON.parse(text));
    await again.delay();
    const [task] = await enqueued(app);
    assertEquals(task?.args, [new Date(5), { big: 5n }]);
    assertEquals(task?.kwargs, { set: new Set([1]) });
    assertEquals(task?.eta, new Date(1_500));
    assertEquals(task?.expires, new Date(60_000));
    assertEquals(task?.priority, 3);
  },
);

onMemory("JSON brings any arguments back", async (lab) => {
  const { app } = shop(lab);
  await fc.assert(fc.asyncProperty(fc.array(rich), async (args) => {
    const json = app.signature("any", args).toJSON();
    const again = app.signature(JSON.parse(JSON.stringify(json)));
    assertEquals(again.args, args);
    await Promise.resolve();
  }));
});

onMemory("an immutable signature stays so in JSON", async (lab) => {
  const { app, add, note } = shop(lab);
  const json = JSON.parse(JSON.stringify(note.si("fixed")));
  await add.s(1, 2).link(app.signature(json).set({ taskId: "n" })).delay();
  await drain(app);
  assertEquals(await app.AsyncResult("n").get(), "fixed");
});

onMemory(
  "a signature keeps what it was made of, though the array changes",
  async (lab) => {
    const { app } = shop(lab);
    const args = [1];
    const signature = app.signature("any", args);
    args.push(2);
    await signature.delay();
    assertEquals((await enqueued(app))[0]?.args, [1]);
  },
);

onMemory("what is no JSON of a signature is refused", (lab) => {
  const { app } = shop(lab);
  for (const json of [null, {}, { task: "a" }, { task: 1, args: [] }]) {
    assertThrows(() => app.signature(untyped(json)), DecodeError);
  }
  assertThrows(
    () => app.signature({ task: "a", args: [], options: { que: "x" } }),
    ConfigError,
    'Did you mean "queue"?',
  );
});

onMemory(
  "options that will not do are refused where they are written",
  async (lab) => {
    const { add } = shop(lab);
    assertThrows(
      () => add.s(1, 2).set({ priority: 10 }),
      ConfigError,
      'Option "priority" of the call of "add" must be a whole number 0 to 9, but it is 10',
    );
    await assertRejects(
      async () => await add.s(1, 2).applyAsync([], untyped({ link: "add" })),
      ConfigError,
      "a signature, such as notify.s(42)",
    );
  },
);

onMemory(
  "the links of a task are sent once, though its settlement is repeated",
  async (lab) => {
    const { app, add, note } = shop(lab);
    const linked = add.s(1, 2).link(note.si("once"));
    await linked.delay();
    await linked.delay();
    await drain(app);
    const { items } = await app.results.query({ task: "note" });
    assertEquals(new Set(items.map(({ id }) => id)).size, 2);
    assert(items.every(({ meta }) => meta.parentId !== undefined));
  },
);

onMemory(
  "headers that are no JSON are refused, not turned into text",
  async (lab) => {
    const { app, add, note } = shop(lab);
    const dated = note.s("a").set({ headers: { at: new Date(0) } });
    const refused = "headers.at: Date instances are not plain JSON";
    assertThrows(() => dated.toJSON(), EncodeError, refused);
    await assertRejects(
      () => add.s(1, 2).link(dated).delay(),
      EncodeError,
      refused,
    );
    assertEquals(await enqueued(app), []);
  },
);

onMemory("sendMany() says which item is no signature", async (lab) => {
  const { app, add } = shop(lab);
  await assertRejects(
    () => app.sendMany(untyped([add.s(1, 2), 1])),
    ConfigError,
    "Item 1 of what is to be sent must be a signature, such as notify.s(42), or a canvas, but it is 1",
  );
  await assertRejects(
    () => app.sendMany(untyped([add])),
    ConfigError,
    "Item 0 of what is to be sent must be a signature, such as notify.s(42), or a canvas, but it is a function",
  );
  await assertRejects(
    () => app.sendMany(untyped(add.s(1, 2))),
    ConfigError,
    "What is to be sent must be an array of signatures and canvases, but it is a Signature",
  );
});
