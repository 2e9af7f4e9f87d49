/**
 * What must compile, and what must not. The checks are those of `deno check`;
 * nothing here runs.
 */

import {
  type AsyncResult,
  Lovage,
  sharedTask,
  type Signature,
  type Task,
  type TaskContext,
} from "@lovage/lovage";
import { z } from "zod";
import * as v from "valibot";

/** Only exactly the same types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles when it is true. */
function same<T extends true>(): T | void {}

/** Never called. */
function _limits(app: Lovage): void {
  // Keys are made of the arguments, whose types come from the function.
  const task = app.task("task", {
    concurrency: { limit: 1, key: (path) => path.trim() },
    rateLimit: {
      limit: "5/s",
      scope: "cluster",
      key: (_path, width) => width.toFixed(),
    },
    unique: { key: (path, width) => path + width.toFixed(), for: "5m" },
  }, (path: string, _width: number) => path);
  app.task("bound", {
    bind: true,
    // A context without a type of its own hides the arguments of the function.
    concurrency: { limit: 1, key: (path: string) => path.trim() },
  }, (_self, path: string) => path);
  same<Same<typeof task, Task<[path: string, _width: number], string>>>();
  app.task("shorter", { unique: { key: (path: string) => path } }, (
    path: string,
    _width: number,
  ) => path);
  app.task("schema", {
    schema: z.object({ id: z.number() }),
    unique: { key: ({ id }) => id.toFixed() },
  }, ({ id }) => id);
  sharedTask("shared", {
    concurrency: { limit: 1, key: (path) => path.trim() },
  }, (path: string) => path);
  // @ts-expect-error: a key is a text
  app.task("a", { unique: { key: (n) => n } }, (n: number) => n);
  // @ts-expect-error: not what the function takes
  app.task("b", { unique: { key: (s: string) => s } }, (n: number) => `${n}`);
  // @ts-expect-error: a scope that there is not
  app.task("c", { rateLimit: { limit: 1, scope: "all" } }, () => {});
}

/** Never called. */
async function _tasks(app: Lovage): Promise<void> {
  const resize = app.task(
    "resize",
    (path: string, width: number, mode?: "fit" | "fill") =>
      Promise.resolve(`${path}@${width}${mode}`),
  );

  // Arguments and results come from the function.
  const result = await resize.delay("a.png", 640);
  same<Same<typeof result, AsyncResult<string>>>();
  same<Same<Awaited<ReturnType<typeof result.get>>, string>>();
  await resize.delay("a.png", 640, "fit");
  await resize.applyAsync(["a.png", 640], { countdown: "5m", priority: 3 });
  const direct: string = await resize("a.png", 1);
  void direct;

  // @ts-expect-error: an argument is missing
  await resize.delay("a.png");
  // @ts-expect-error: of the wrong type
  await resize.delay("a.png", "640");
  // @ts-expect-error: not one of the words
  await resize.delay("a.png", 640, "crop");
  // @ts-expect-error: one too many
  await resize.delay("a.png", 640, "fit", 1);
  // @ts-expect-error: applyAsync() takes a list
  await resize.applyAsync("a.png", 640);
  // @ts-expect-error: an option that there is not
  await resize.applyAsync(["a.png", 640], { countDown: 5 });
  // @ts-expect-error: a unit that there is not
  await resize.applyAsync(["a.png", 640], { countdown: "5 minutes" });
  // @ts-expect-error: the result is no number
  const wrong: number = await result.get();
  void wrong;
}

/** Never called. */
async function _signatures(app: Lovage): Promise<void> {
  const resize = app.task(
    "resize",
    (path: string, width: number) => path + width,
  );
  const note = app.task("note", () => 1);
  const many = app.task("many", (...numbers: number[]) => numbers);

  // With all arguments a signature needs nothing, without the first that one.
  const all = resize.s("a.png", 1);
  same<Same<typeof all, Signature<readonly [], string>>>();
  const partial = resize.s(1);
  same<Same<typeof partial, Signature<[string], string>>>();
  const none = resize.s();
  same<Same<typeof none, Signature<[path: string, width: number], string>>>();
  await none.delay("a.png", 1);
  await all.delay();
  await partial.delay("a.png");
  const noted = note.s();
  same<Same<typeof noted, Signature<[], number>>>();
  same<Same<ReturnType<typeof resize.si>, Signature<[], string>>>();
  await many.s(1, 2, 3).delay();

  // @ts-expect-error: the first argument is missing
  await partial.delay();
  // @ts-expect-error: the second argument is missing
  await none.delay("a.png");
  // @ts-expect-error: of the wrong type
  await partial.delay(1);
  // @ts-expect-error: nothing is missing
  await all.delay("a.png");
  // @ts-expect-error: neither all arguments nor all but the first
  resize.s("a.png", 1, 2);
  // @ts-expect-error: si() takes nothing from its predecessor
  resize.si(1);
  // @ts-expect-error: of the wrong type
  resize.s("a.png", "1");

  // What is sent together must need nothing, and each has its own type.
  const [one, two] = await app.sendMany([all, note.s()]);
  same<Same<typeof one, AsyncResult<string>>>();
  same<Same<typeof two, AsyncResult<number>>>();
  const list: Signature<[], string>[] = [all, all];
  const results = await app.sendMany(list);
  same<Same<(typeof results)[number], AsyncResult<string>>>();
  // @ts-expect-error: it still needs its first argument
  await app.sendMany([partial]);

  // set, link and linkError keep what is needed.
  const linked = partial.set({ queue: "a" }).link(note.si()).linkError(
    note.si(),
  );
  same<Same<typeof linked, Signature<[string], string>>>();
  same<Same<ReturnType<typeof partial.clone>, Signature<[], string>>>();
}

/** Never called. */
async function _bound(app: Lovage): Promise<void> {
  const bound = app.task("bound", { bind: true }, (self, n: number) => {
    same<Same<typeof self, TaskContext>>();
    return n;
  });
  // The context is not an argument of the call.
  await bound.delay(1);
  await bound(1);
  same<Same<typeof bound, Task<[n: number], number>>>();

  // retry() never returns, so it adds nothing to the result.
  const retried = app.task("retried", { bind: true }, (self, n: number) => {
    if (n > 0) return "fine";
    return self.retry({ countdown: "5s" });
  });
  same<Same<typeof retried, Task<[n: number], string>>>();

  // @ts-expect-error: without bind there is no context
  app.task("unbound", (self: TaskContext) => self.name).delay();
  // @ts-expect-error: an option that there is not
  app.task("misspelt", { maxRetry: 3 }, () => {});
  // @ts-expect-error: a rate that there is not
  app.task("rate", { rateLimit: "10/d" }, () => {});
  // @ts-expect-error: amounts of memory have a unit
  app.task("memory", { memoryLimit: "64" }, () => {});

  const shared = sharedTask("shared", { bind: true }, (self, n: number) => {
    same<Same<typeof self, TaskContext>>();
    return [n];
  });
  same<Same<typeof shared, Task<[n: number], number[]>>>();
}

/** Never called. */
async function _schemas(app: Lovage): Promise<void> {
  // One schema is that of the only argument; callers give its input.
  const order = z.object({ id: z.number(), note: z.string().default("") });
  const place = app.task("place", { schema: order }, (given) => {
    same<Same<typeof given, { id: number; note: string }>>();
    return given.id;
  });
  await place.delay({ id: 1 });
  // @ts-expect-error: it is a number
  await place.delay({ id: "1" });
  // @ts-expect-error: it is wanted
  await place.delay();

  // Schemas of all arguments, and of the result.
  const scale = app.task("scale", {
    bind: true,
    schema: {
      args: [v.string(), v.pipe(v.string(), v.transform(Number))],
      result: v.pipe(v.number(), v.transform((n) => new Date(n))),
    },
  }, (self, path, factor) => {
    same<Same<typeof self, TaskContext>>();
    same<Same<typeof path, string>>();
    same<Same<typeof factor, number>>();
    return factor;
  });
  const scaled = await scale.delay("a.png", "2");
  same<Same<typeof scaled, AsyncResult<Date>>>();
  const partial = scale.s("2");
  same<Same<typeof partial, Signature<[string], Date>>>();
  // @ts-expect-error: the input is text
  await scale.delay("a.png", 2);
  // @ts-expect-error: the result does not fit its schema
  app.task("refused", { schema: { result: z.number() } }, () => "text");

  // Shared tasks take the same schemas.
  const shared = sharedTask("shared.place", { schema: order }, (given) => {
    same<Same<typeof given, { id: number; note: string }>>();
    return given.id;
  });
  same<Same<ReturnType<typeof shared.delay>, Promise<AsyncResult<number>>>>();
  await shared.delay({ id: 1 });
  // @ts-expect-error: it is a number
  await shared.delay({ id: "1" });
  const bound = sharedTask("shared.scale", {
    bind: true,
    schema: { args: [v.pipe(v.string(), v.transform(Number))] },
  }, (self, factor) => {
    same<Same<typeof self, TaskContext>>();
    same<Same<typeof factor, number>>();
    return factor;
  });
  await bound.delay("2");
  // @ts-expect-error: the result does not fit its schema
  sharedTask("refused", { schema: { result: z.number() } }, () => "text");
}

/** Never called. */
async function _loosely(app: Lovage): Promise<void> {
  const sent = await app.sendTask<number>("elsewhere", [1, "two"]);
  same<Same<typeof sent, AsyncResult<number>>>();
  same<Same<ReturnType<typeof app.AsyncResult>, AsyncResult<unknown>>>();
  // @ts-expect-error: nobody knows what it returns
  const text: string = await (await app.sendTask("elsewhere")).get();
  void text;
  // @ts-expect-error: an event that there is not
  app.on("taskSucces", () => {});
  app.on("taskRetry", ({ eta }) => same<Same<typeof eta, number>>());
  // @ts-expect-error: a setting that there is not
  new Lovage("shop", { brokerURL: "memory://" });
}

Deno.test("what must not compile does not", () => {});
