/**
 * What a canvas comes to, worked out in memory from a plain description of
 * it: no ids, no messages, no stores.
 *
 * @module
 */

/** How a task ends when it runs; or why it never runs. */
export type Does =
  /** Returns its label, and what it was given. */
  | "succeeds"
  /** Throws a RangeError. */
  | "fails"
  /** Is retried once, and succeeds. */
  | "retries"
  /** Is retried once, and fails. */
  | "failsAgain"
  /** Throws Ignore. */
  | "ignores"
  /** Throws Reject. */
  | "rejects"
  /** Is revoked while it waits for its countdown. */
  | "revoked"
  /** Comes after its expiry. */
  | "expires";

/** A task. */
export interface TaskShape extends Links {
  /** Its name, unique in its canvas. */
  readonly task: string;
  readonly does: Does;
  /** Whether it takes nothing from what it follows. */
  readonly immutable?: boolean | undefined;
  /** Whether it is acknowledged before it runs. */
  readonly early?: boolean | undefined;
  /** Whether its id is chosen by who sends it. */
  readonly chosenId?: boolean | undefined;
  /** In milliseconds. */
  readonly countdown?: number | undefined;
}

/** Tasks that are sent when others have ended. */
export interface Links {
  /** With the result of what ends last. */
  readonly link?: readonly TaskShape[] | undefined;
  /** With the error of each task that fails. */
  readonly linkError?: readonly TaskShape[] | undefined;
}

/** One after the other. */
export interface ChainShape extends Links {
  readonly chain: readonly Shape[];
}

/** Side by side. */
export interface GroupShape extends Links {
  readonly group: readonly Shape[];
}

/** Side by side, and one that takes the list of their results. */
export interface ChordShape extends Links {
  readonly chord: readonly Shape[];
  readonly body: Shape;
}

/** A canvas, described. */
export type Shape = TaskShape | ChainShape | GroupShape | ChordShape;

/** Plain JSON. */
export type Json = string | readonly Json[] | { readonly error: string };

/** What it is put together of; a task of nothing. */
export function partsOf(shape: Shape): readonly Shape[] {
  if ("task" in shape) return [];
  if ("chain" in shape) return shape.chain;
  if ("group" in shape) return shape.group;
  return [...shape.chord, shape.body];
}

/** How a task ends. */
export type End =
  | { readonly state: "SUCCESS"; readonly value: Json }
  | { readonly state: "FAILURE" | "REVOKED"; readonly error: string };

/** What became of a canvas, or must become of it. */
export interface Outcome {
  /**
   * How tasks end, by their names; a callback that is sent by several tasks
   * ends several times. What is not here is never sent, or leaves no result.
   */
  readonly ends: Readonly<Record<string, readonly End[]>>;
  /** How often functions are called, by the names of their tasks. */
  readonly runs: Readonly<Record<string, number>>;
  /** What the handle comes to; errors stand as their names. */
  readonly result: Json;
}

/** The order of the ends of one task; any will do. */
export function compareEnds(a: End, b: End): number {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

/** What a part is given, or why it cannot run. */
type Given =
  | { readonly values: readonly Json[] }
  /** What was to give it something has failed. */
  | { readonly broken: "upstream" | "header" };

/** What comes of a part. */
type Result =
  | { readonly value: Json }
  | { readonly error: string; readonly breaks: "upstream" | "header" };

/** Works it out. */
export function evaluate(shape: Shape): Outcome {
  const evaluation = new Evaluation();
  const result = evaluation.part(spread(shape), { values: [] }, false);
  return evaluation.outcome(shown(result));
}

class Evaluation {
  readonly #ends: Record<string, End[]> = {};
  readonly #runs: Record<string, number> = {};

  outcome(result: Json): Outcome {
    for (const ends of Object.values(this.#ends)) {
      ends.sort(compareEnds);
    }
    return { ends: this.#ends, runs: this.#runs, result };
  }

  /** @param waited whether something takes its result */
  part(shape: Shape, given: Given, waited: boolean): Result {
    if ("task" in shape) return this.#task(shape, given);
    if ("chain" in shape) return this.#chain(shape.chain, given, waited);
    if ("group" in shape) return this.#group(shape.group, given, waited);
    const header = this.#group(shape.chord, given, true);
    return this.part(shape.body, handedOn(header), waited);
  }

  #chain(steps: readonly Shape[], given: Given, waited: boolean): Result {
    const last = steps.length - 1;
    let result: Result = { value: [] };
    for (const [at, step] of steps.entries()) {
      const taken = at === 0 ? given : handedOn(result);
      result = this.part(step, taken, waited || at < last);
    }
    return result;
  }

  #group(members: readonly Shape[], given: Given, waited: boolean): Result {
    const flat = waited ? flattened(members) : members;
    const results = flat.map((each) => this.part(each, given, waited));
    if (!waited) return { value: results.map(shown) };
    // Without any members, it is handed on as it was given.
    if ("broken" in given) return broken(given.broken);
    return results.some((each) => "error" in each)
      ? broken("header")
      : { value: results.map(shown) };
  }

  #task(shape: TaskShape, given: Given): Result {
    if ("broken" in given) {
      if (given.broken === "header") return this.#failed(shape, "ChordError");
      // Those of the task that broke the line have been told.
      this.#end(shape, { state: "FAILURE", error: "UpstreamFailedError" });
      return fails("UpstreamFailedError");
    }
    this.#run(shape);
    switch (shape.does) {
      case "fails":
      case "failsAgain":
        return this.#failed(shape, "RangeError");
      case "rejects":
        return this.#failed(shape, "Reject");
      case "revoked":
      case "expires":
        return this.#failed(shape, "TaskRevokedError", "REVOKED");
      case "ignores":
        return fails("Ignore");
    }
    const value = [shape.task, ...shape.immutable ? [] : given.values];
    this.#end(shape, { state: "SUCCESS", value });
    for (const each of shape.link ?? []) this.#task(each, { values: [value] });
    return { value };
  }

  #failed(
    shape: TaskShape,
    error: string,
    state: "FAILURE" | "REVOKED" = "FAILURE",
  ): Result {
    this.#end(shape, { state, error });
    for (const each of shape.linkError ?? []) {
      this.#task(each, { values: [error] });
    }
    return fails(error);
  }

  #run({ task, does }: TaskShape): void {
    if (does === "revoked" || does === "expires") return;
    const runs = does === "retries" || does === "failsAgain" ? 2 : 1;
    this.#runs[task] = (this.#runs[task] ?? 0) + runs;
  }

  #end({ task }: TaskShape, end: End): void {
    (this.#ends[task] ??= []).push(end);
  }
}

function fails(error: string): Result {
  return { error, breaks: "upstream" };
}

function broken(breaks: "upstream" | "header"): Result {
  const error = breaks === "header" ? "ChordError" : "UpstreamFailedError";
  return { error, breaks };
}

function handedOn(result: Result): Given {
  return "value" in result
    ? { values: [result.value] }
    : { broken: result.breaks };
}

function shown(result: Result): Json {
  return "value" in result ? result.value : { error: result.error };
}

/** Where a list is wanted, a group in a group is part of it. */
function flattened(members: readonly Shape[]): readonly Shape[] {
  return members.flatMap((each) =>
    "group" in each ? flattened(each.group) : each
  );
}

/** Gives the callbacks of a canvas to its tasks, as `set()` says. */
function spread(shape: Shape, outer: Links = {}): Shape {
  const link = [...shape.link ?? [], ...outer.link ?? []];
  const linkError = [...shape.linkError ?? [], ...outer.linkError ?? []];
  if ("task" in shape) return { ...shape, link, linkError };
  if ("group" in shape) {
    return { group: shape.group.map((each) => spread(each, { linkError })) };
  }
  if ("chord" in shape) {
    return {
      chord: shape.chord.map((each) => spread(each, { linkError })),
      body: spread(shape.body, { link, linkError }),
    };
  }
  const last = shape.chain.length - 1;
  return {
    chain: shape.chain.map((each, at) =>
      spread(each, { linkError, ...(at === last ? { link } : {}) })
    ),
  };
}
