/**
 * What canvases must compile, and what they must not. The checks are those of
 * `deno check`; nothing here runs.
 */

import {
  type AnyPart,
  type AnySignature,
  type AsyncResult,
  type Chain,
  chain,
  type Chord,
  chord,
  chunks,
  type Group,
  group,
  type GroupResult,
  type Lovage,
  map,
  type Part,
  sharedTask,
  type Signature,
  starmap,
} from "@lovage/lovage";
import { z } from "zod";
import * as v from "valibot";

/** Only exactly the same types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles when it is true. */
function same<T extends true>(): T | void {}

/** What `get()` gives of what `delay()` hands back. */
type Got<C extends { delay(...needs: never): unknown }> = Awaited<
  ReturnType<C["delay"]>
> extends { get(): Promise<infer R> } ? R : "nothing";

/** Tasks that fit each other, and some that do not. */
function tasks(app: Lovage) {
  return {
    add: app.task("add", (a: number, b: number) => a + b),
    double: app.task("double", (n: number) => Promise.resolve(n * 2)),
    print: app.task("print", (n: number) => String(n)),
    shout: app.task("shout", (text: string) => text.toUpperCase()),
    find: app.task("find", (n: number) => n > 0 ? n : undefined),
    either: app.task("either", (n: number): number | string => n),
    both: app.task("both", (value: number | string) => value),
    show: app.task("show", (value: unknown) => JSON.stringify(value)),
    none: app.task("none", () => true),
    nothing: app.task("nothing", (_n: number) => {}),
    optional: app.task(
      "optional",
      (n?: number, text?: string) => `${n}${text}`,
    ),
    many: app.task("many", (...numbers: number[]) => numbers),
    sum: app.task("sum", (list: readonly number[]) => list.length),
    sort: app.task("sort", (list: number[]) => list.sort()),
    pair: app.task("pair", ([n, text]: readonly [number, string]) => n + text),
  };
}

/** Never called. */
async function _chains(app: Lovage): Promise<void> {
  const { add, double, print, shout, find, either, both, show } = tasks(app);
  const { none, nothing, optional, many } = tasks(app);

  // Results flow from step to step, those of async tasks without the promise.
  const whole = chain(add.s(1, 2), double.s(), print.s(), shout.s());
  same<Same<typeof whole, Chain<[], string, AsyncResult<string>>>>();
  const result = await whole.delay();
  same<Same<typeof result, AsyncResult<string>>>();
  same<Same<Awaited<ReturnType<typeof result.get>>, string>>();
  same<Same<Awaited<ReturnType<typeof whole.apply>>, AsyncResult<string>>>();
  await whole.applyAsync([], { queue: "a" });
  const one = chain(print.s(1));
  same<Same<Got<typeof one>, string>>();

  // What the first step still needs, the chain needs.
  const partial = chain(double.s(), add.s(1));
  same<Same<typeof partial, Chain<[number], number, AsyncResult<number>>>>();
  await partial.delay(4);
  await partial.applyAsync([4], { countdown: "5s" });
  await partial.apply(4);
  const bare = chain(add.s(), double.s());
  await bare.delay(1, 2);
  // A step that has all of its arguments has no place for a result…
  // @ts-expect-error: double would take the result, and 4 would be left over
  chain(add.s(1, 2), double.s(4));
  // @ts-expect-error: the same for a signature
  chain(add.s(1, 2), double.signature([4]));
  // @ts-expect-error: and the body of a chord
  chord([add.s(1, 2)], double.s(4));
  // …but where it could take more, and where it is immutable.
  chain(add.s(1, 2), optional.s(), many.s(), none.s(), double.si(4));
  chain(double.s(4), many.s(1, 2), show.s());
  chain(add.s(1, 2), map(double, [1, 2]), show.s());
  group([double.s(4), double.s()]);

  // @ts-expect-error: the second argument is missing
  await bare.delay(1);
  same<Same<ReturnType<typeof partial.set>, typeof partial>>();
  // @ts-expect-error: the first argument is missing
  await partial.delay();
  // @ts-expect-error: of the wrong type
  await partial.delay("4");
  // @ts-expect-error: one too many
  await partial.delay(4, 5);
  // @ts-expect-error: the first argument is missing
  await partial.applyAsync([]);
  // @ts-expect-error: nothing is missing
  await whole.delay(1);

  // si() takes nothing, so anything may come before it.
  const immutable = chain(add.s(1, 2), shout.si("a"), double.si(1));
  same<Same<Got<typeof immutable>, number>>();
  chain(add.s(1, 2), none.s(), show.s());
  // Wider arguments, optional ones and lists of arguments take it.
  chain(add.s(1, 2), both.s(), both.s());
  chain(add.s(1, 2), optional.s("a"), shout.s());
  chain(add.s(1, 2), many.s(), show.s());
  chain(either.s(1), both.s());
  chain(nothing.s(1), show.s());
  const quiet = chain(add.s(1, 2), nothing.s());
  same<Same<Got<typeof quiet>, void>>();
  const found = chain(add.s(1, 2), find.s());
  same<Same<Got<typeof found>, number | undefined>>();

  // Options, links and callbacks change nothing of it.
  chain(
    add.s(1, 2).set({ queue: "a" }),
    print.s().link(shout.s()),
    shout.s().linkError(show.s()),
  );

  // @ts-expect-error: takes text, gets a number
  chain(add.s(1, 2), shout.s());
  // @ts-expect-error: the last link is wrong
  chain(add.s(1, 2), print.s(), double.s());
  // @ts-expect-error: a link in the middle is wrong
  chain(add.s(1, 2), shout.s(), double.si(1));
  // @ts-expect-error: not every result fits
  chain(either.s(1), double.s());
  // @ts-expect-error: what was not found is no number
  chain(find.s(1), double.s());
  // @ts-expect-error: nothing comes of it
  chain(nothing.s(1), double.s());
  // @ts-expect-error: the optional argument is a number
  chain(shout.s("a"), optional.s("b"));
  // @ts-expect-error: the wrong argument is given
  chain(add.s(1, 2), add.s("1"));
  // @ts-expect-error: takes two numbers, gets one
  chain(add.s(1, 2), add.s());
  // @ts-expect-error: a task is no signature
  chain(add.s(1, 2), double);
  // @ts-expect-error: a chain has a step
  chain();
}

/** Never called. */
async function _groups(app: Lovage): Promise<void> {
  const { add, double, print, shout, find, show, both, none } = tasks(app);

  // Each result has its own type and its own place.
  const mixed = group([add.s(1, 2), print.s(3), find.s(4)]);
  const result = await mixed.delay();
  same<
    Same<typeof result, GroupResult<[number, string, number | undefined]>>
  >();
  const [n, text, maybe] = await result.get();
  same<Same<typeof n, number>>();
  same<Same<typeof text, string>>();
  same<Same<typeof maybe, number | undefined>>();

  // Members of a list are of one type.
  const list = group([1, 2].map((n) => print.s(n)));
  same<Same<typeof list, Group<[], string[], GroupResult<string[]>>>>();
  const either: readonly (Signature<[], number> | Signature<[], string>)[] = [
    add.s(1, 2),
    print.s(1),
  ];
  const unions = group(either);
  same<Same<Got<typeof unions>, (number | string)[]>>();
  const headed = group([print.s(1), ...[1, 2].map((n) => add.s(n, n))]);
  same<Same<Got<typeof headed>, [string, ...number[]]>>();
  const constant = group([add.s(1, 2), print.s(3)] as const);
  same<Same<Got<typeof constant>, [number, string]>>();
  const empty = group([]);
  same<Same<Got<typeof empty>, []>>();

  // All members get the same argument; those that need none get it too.
  const partial = group([double.s(), both.s(), none.s(), show.s()]);
  await partial.delay(1);
  // @ts-expect-error: the argument is missing
  await partial.delay();
  // @ts-expect-error: not all of them take text
  await partial.delay("a");
  // @ts-expect-error: one too many
  await partial.delay(1, 2);
  const never = group([double.s(), shout.s()]);
  // @ts-expect-error: nothing is a number and text
  await never.delay(1);
  // @ts-expect-error: nothing is a number and text
  await never.delay("a");
  // @ts-expect-error: nothing is missing
  await mixed.delay(1);

  same<Same<ReturnType<typeof list.skew>, typeof list>>();
  // @ts-expect-error: members come in a list
  group(add.s(1, 2), print.s(3));
  // @ts-expect-error: a task is no signature
  group([add]);
}

/** Never called. */
async function _chords(app: Lovage): Promise<void> {
  const { add, double, print, shout, sum, sort, pair, show } = tasks(app);

  const whole = chord([add.s(1, 2), add.s(3, 4)], sum.s());
  same<Same<typeof whole, Chord<[], number, AsyncResult<number>>>>();
  const result = await whole.delay();
  same<Same<typeof result, AsyncResult<number>>>();
  // The list may be of any length, or a pair, or written to.
  const list = [1, 2].map((n) => add.s(n, n));
  chord(list, sum.s());
  chord(list, sort.s());
  chord([add.s(1, 2), print.s(3)], pair.s());
  chord(list, shout.si("done"));
  chord([], sum.s());
  // A group that was made before is a header too.
  const made = group([add.s(1, 2), print.s(3)]);
  const body = chord(made, pair.s());
  same<Same<Got<typeof body>, string>>();
  // What the header needs, the chord needs.
  const partial = chord([double.s(), add.s(1)], sum.s());
  same<Same<typeof partial, Chord<[number], number, AsyncResult<number>>>>();
  const grouped = chord(group([double.s(), add.s(1)]), sum.s());
  same<Same<typeof grouped, typeof partial>>();
  await partial.delay(1);
  // @ts-expect-error: the argument is missing
  await partial.delay();
  // @ts-expect-error: of the wrong type
  await grouped.delay("1");

  // Bodies that are canvases.
  const chained = chord(list, chain(sum.s(), print.s()));
  same<Same<Got<typeof chained>, string>>();
  const side = chord(list, group([sum.s(), show.s()]));
  const sides = await side.delay();
  same<Same<typeof sides, GroupResult<[number, string]>>>();
  const again = chord(list, chord([sum.s(), sort.s()], show.s()));
  same<Same<Got<typeof again>, string>>();

  // @ts-expect-error: takes a number, gets a list
  chord([add.s(1, 2)], double.s());
  // @ts-expect-error: takes numbers, gets texts
  chord([print.s(1)], sum.s());
  // @ts-expect-error: one of the members is no number
  chord([add.s(1, 2), print.s(1)], sum.s());
  // @ts-expect-error: takes a pair, gets three
  chord([add.s(1, 2), print.s(1), print.s(2)], pair.s());
  // @ts-expect-error: takes a pair, gets any number of them
  chord(list, pair.s());
  // @ts-expect-error: the group's results are not numbers
  chord(made, sum.s());
  // @ts-expect-error: the body's first step does not take the list
  chord(list, chain(double.s(), print.s()));
  // @ts-expect-error: one member of the body does not take the list
  chord(list, group([sum.s(), double.s()]));
  // @ts-expect-error: the body is missing
  chord(list);
  // @ts-expect-error: one too many
  chord(list, sum.s(), sum.s());
  // @ts-expect-error: a header is a list or a group
  chord(add.s(1, 2), sum.s());
}

/** Never called. */
async function _nested(app: Lovage): Promise<void> {
  const { add, double, print, shout, sum, pair, show } = tasks(app);

  // A group in a chain hands on the list of its results.
  const middle = chain(add.s(1, 2), group([double.s(), add.s(1)]), sum.s());
  same<Same<typeof middle, Chain<[], number, AsyncResult<number>>>>();
  const first = chain(group([double.s(), print.s()]), pair.s());
  same<Same<typeof first, Chain<[number], string, AsyncResult<string>>>>();
  const last = chain(add.s(1, 2), group([double.s(), print.s()]));
  const results = await last.delay();
  same<Same<typeof results, GroupResult<[number, string]>>>();
  // Groups that follow each other, chords and chains in chains.
  chain(group([add.s(1, 2)]), group([sum.s(), show.s()]), show.s());
  const chords = chain(
    add.s(1, 2),
    chord([double.s(), add.s(1)], sum.s()),
    chain(print.s(), shout.s()),
    shout.s(),
  );
  same<Same<Got<typeof chords>, string>>();
  // Groups of groups, of chains and of chords.
  const groups = group([
    group([add.s(1, 2), print.s(1)]),
    chain(add.s(1, 2), print.s()),
    chain(add.s(1, 2), group([double.s()])),
    chord([add.s(1, 2)], sum.s()),
  ]);
  same<
    Same<Got<typeof groups>, [[number, string], string, [number], number]>
  >();
  const inner = chord(
    [chord([add.s(1, 2)], sum.s()), chain(add.s(1, 2), double.s())],
    sum.s(),
  );
  same<Same<Got<typeof inner>, number>>();
  const lists = [1, 2].map((n) => chain(add.s(n, n), print.s()));
  const listed = chord(group(lists), show.s());
  same<Same<Got<typeof listed>, string>>();

  // @ts-expect-error: takes a number, gets the group's list
  chain(group([add.s(1, 2), add.s(3, 4)]), double.s());
  // @ts-expect-error: one member does not take the number
  chain(add.s(1, 2), group([double.s(), shout.s()]));
  // @ts-expect-error: the header does not take the text
  chain(print.s(1), chord([double.s()], sum.s()));
  // @ts-expect-error: the chord gives a number
  chain(chord([add.s(1, 2)], sum.s()), shout.s());
  // @ts-expect-error: the inner chain gives text
  chain(chain(add.s(1, 2), print.s()), double.s());
  // @ts-expect-error: the inner chain takes a number
  chain(print.s(1), chain(double.s(), print.s()));
  // @ts-expect-error: a member gives text
  chord([chain(add.s(1, 2), print.s()), add.s(1, 2)], sum.s());
}

/** Never called. */
function _lists(app: Lovage): void {
  const { add, double, print, shout, both } = tasks(app);
  const doubles: Signature<[number], number>[] = [double.s(), add.s(1)];
  const alike = chain(...doubles);
  same<Same<typeof alike, Chain<[number], number, AsyncResult<number>>>>();
  const started = chain(add.s(1, 2), ...doubles, print.s(), shout.s());
  same<Same<typeof started, Chain<[], string, AsyncResult<string>>>>();
  chain(both.s("a"), ...[1, 2].map(() => both.s()));

  // @ts-expect-error: the list takes numbers, gets text
  chain(print.s(1), ...doubles);
  // @ts-expect-error: the list gives numbers
  chain(...doubles, shout.s());
  // @ts-expect-error: after one of them the next gets text
  chain(...[1, 2].map(() => print.s()));
  // @ts-expect-error: behind the list a link is wrong
  chain(...doubles, print.s(), double.s());

  // One or the other: each must fit.
  const step: Signature<[number], number> | Signature<[number], string> =
    Math.random() > 0.5 ? double.s() : print.s();
  const fits = chain(add.s(1, 2), step, both.s());
  same<Same<Got<typeof fits>, number | string>>();
  const other = Math.random() > 0.5 ? double.s() : shout.s();
  // @ts-expect-error: one of them takes text
  chain(add.s(1, 2), other);
  // @ts-expect-error: one of them gives text
  chain(add.s(1, 2), step, double.s());
}

/** Never called. */
function _pieces(app: Lovage): void {
  const { add, double, shout, optional, many, sum, show } = tasks(app);
  const mapped = map(double, [1, 2]);
  same<Same<typeof mapped, Signature<[], number[]>>>();
  map(double, [1, 2] as const);
  map(optional, [1, 2]);
  map(many, [1, 2]);
  chain(mapped, sum.s());
  const spread = starmap(add, [[1, 2], [3, 4]]);
  same<Same<typeof spread, Signature<[], number[]>>>();
  starmap(add, [[1, 2], [3, 4]] as const);
  starmap(optional, [[], [1], [1, "a"]]);
  const pieces = chunks(add, [[1, 2], [3, 4]], 1);
  same<Same<typeof pieces, Group<[], number[][], GroupResult<number[][]>>>>();
  chord(pieces, show.s());

  // @ts-expect-error: the items are texts
  map(double, ["a"]);
  // @ts-expect-error: it takes two arguments
  map(add, [1, 2]);
  // @ts-expect-error: items come in a list
  map(double, 1);
  // @ts-expect-error: one of the arguments is text
  starmap(add, [["1", 2]]);
  // @ts-expect-error: an argument is missing
  starmap(add, [[1]]);
  // @ts-expect-error: one too many
  starmap(add, [[1, 2, 3]]);
  // @ts-expect-error: the arguments of a call are a list
  starmap(double, [1, 2]);
  // @ts-expect-error: one of the arguments is text
  chunks(add, [["1", 2]], 1);
  // @ts-expect-error: the size is missing
  chunks(add, [[1, 2]]);
  // @ts-expect-error: it gives numbers
  chain(map(double, [1]), shout.s());
  // @ts-expect-error: it gives lists of numbers
  chord(pieces, sum.s());
}

/** Never called. */
function _makers(app: Lovage): void {
  const { add } = tasks(app);
  // The context of a bound task is no argument of its step.
  const bound = app.task("bound", { bind: true }, (self, n: number) => {
    if (n > 0) return `${n}`;
    return self.retry();
  });
  const shared = sharedTask("shared", (text: string) => text.length);
  const whole = chain(add.s(1, 2), bound.s(), shared.s());
  same<Same<Got<typeof whole>, number>>();
  // @ts-expect-error: takes a number, gets text
  chain(bound.s(1), bound.s());

  // A step takes what its schema accepts, and gives what comes of it.
  const order = app.task("order", {
    schema: z.object({ id: z.number(), note: z.string().default("") }),
  }, ({ id }) => ({ id }));
  const date = app.task("date", {
    schema: {
      args: [v.pipe(v.string(), v.transform(Number)), v.string()],
      result: v.pipe(v.number(), v.transform((n) => new Date(n))),
    },
  }, (n) => n);
  const at = app.task("at", (when: Date) => when.getTime());
  chain(order.s({ id: 1 }), order.s());
  const timed = chain(bound.s(1), date.s("UTC"), at.s());
  same<Same<Got<typeof timed>, number>>();
  // @ts-expect-error: it accepts text
  chain(add.s(1, 2), date.s("UTC"));
  // @ts-expect-error: it gives a date
  chain(date.s("1", "UTC"), add.s(1));
  // @ts-expect-error: it accepts an order
  chain(add.s(1, 2), order.s());
}

/** Never called. */
async function _unknown(app: Lovage, parts: AnyPart[]): Promise<void> {
  const { double, sum, shout } = tasks(app);
  // Nobody knows what they need and give: all fits, and nothing is promised.
  const some: AnySignature[] = [];
  const grouped = group(some);
  same<Same<Got<typeof grouped>, unknown[]>>();
  await grouped.delay();
  await grouped.delay(1);
  const linked = chain(...some);
  same<Same<Got<typeof linked>, unknown>>();
  const whole = chain(app.signature<number>(double.s(1).toJSON()), double.s());
  same<Same<Got<typeof whole>, number>>();
  const summed = chord(some, sum.s());
  same<Same<Got<typeof summed>, number>>();
  const ends = chord([double.s(1)], chain(...some));
  same<Same<Got<typeof ends>, unknown>>();
  const any = chain(...parts);
  same<Same<Got<typeof any>, unknown>>();
  // What follows is known again.
  // @ts-expect-error: takes text, gets a number
  chain(chain(...some), double.s(), shout.s());
}

/** Never called. */
function _generics<T>(
  make: Signature<[], T>,
  change: Signature<[T], T>,
  join: Signature<[readonly T[]], string>,
): void {
  const whole = chain(make, change, change);
  same<Same<Got<typeof whole>, T>>();
  const joined = chord([make, chain(make, change)], join);
  same<Same<Got<typeof joined>, string>>();
  // @ts-expect-error: takes a list, gets one
  chain(make, join);
  // @ts-expect-error: takes one, gets a list
  chord([make, make], change);
}

/** Never called. */
async function _written(app: Lovage): Promise<void> {
  const { add, double, print, sum } = tasks(app);
  // As parameters of functions they need not name what is handed back.
  const run = async (
    chained: Chain<[number], string>,
    grouped: Group<[], number[]>,
    part: Part<[number], string>,
  ) => {
    const result = await chained.delay(1);
    same<Same<typeof result, AsyncResult<string>>>();
    const results = await grouped.delay();
    same<Same<typeof results, GroupResult<number[]>>>();
    const whole = chain(add.s(1, 2), part);
    same<Same<Got<typeof whole>, string>>();
    // @ts-expect-error: takes a number, gets text
    chain(print.s(1), part);
  };
  const numbers = group([add.s(1, 2), add.s(3, 4)]);
  await run(chain(double.s(), print.s()), numbers, print.s());
  // @ts-expect-error: it gives numbers
  await run(chain(double.s(), double.s()), numbers, print.s());
  // @ts-expect-error: it takes a list
  await run(chain(sum.s(), print.s()), numbers, print.s());
  // @ts-expect-error: a group is handed back otherwise
  await run(chain(double.s(), group([print.s()])), numbers, print.s());
}

Deno.test("what canvases must not compile does not", () => {});
