/**
 * The types of canvases: what a part still needs, what comes of it, and how
 * one fits after another.
 *
 * @module
 */

import type { CanvasJson } from "../message/canvas_json.ts";
import type { AsyncResult } from "../producer/async_result.ts";
import type { CallOptions } from "../producer/call_options.ts";
import type { GroupResult } from "../producer/group_result.ts";
import type { AnySignature, Signature } from "../producer/signature.ts";
import type { Canvas } from "./canvas.ts";
import type { Chain } from "./chain.ts";
import type { Chord } from "./chord.ts";
import type { Group } from "./group.ts";

/**
 * Anything that a canvas is put together of: a signature, a chain, a group or
 * a chord.
 *
 * @typeParam Needs the arguments that are still missing; they come first
 * @typeParam R what comes of it
 */
export interface Part<Needs extends readonly unknown[], R> {
  /** What it needs; for the compiler alone, never set. */
  readonly "~needs"?: ((...needs: Needs) => void) | undefined;
  /** What comes of it; for the compiler alone, never set. */
  readonly "~returns"?: R | undefined;
  /** Plain data, from which `app.canvas()` makes it again. */
  toJSON(): CanvasJson;
  /** The same with options, which those of its own parts override. */
  withDefaults(options: CallOptions): Part<Needs, R>;
}

/** Any part, whatever it needs and whatever comes of it. */
// deno-lint-ignore no-explicit-any -- stands for every part
export type AnyPart = Part<any, any>;

/** Any group, whatever it needs and whatever comes of it. */
// deno-lint-ignore no-explicit-any -- stands for every group
export type AnyGroup = Group<any, any, any>;

/** What a part needs. */
export type NeedsOf<P> = P extends
  { readonly "~needs"?: ((...needs: infer Needs) => void) | undefined } ? Needs
  : never;

/**
 * What comes of a part. It is read from the type arguments of its class: the
 * property that stands for it would lose an `undefined`.
 */
export type ReturnOf<P> = P extends PartOf<infer R> ? R : never;

/** All that something comes of. */
export type PartOf<R> =
  // deno-lint-ignore no-explicit-any -- whatever it needs
  | Part<any, R>
  // deno-lint-ignore no-explicit-any -- whatever it needs
  | Signature<any, R>
  // deno-lint-ignore no-explicit-any -- the same, and whatever its handle is
  | Canvas<any, R, any>
  // deno-lint-ignore no-explicit-any -- the same
  | Chain<any, R, any>
  // deno-lint-ignore no-explicit-any -- the same
  | Group<any, R, any>
  // deno-lint-ignore no-explicit-any -- the same
  | Chord<any, R, any>;

/** What comes of each of several parts, in their order. */
export type ReturnsOf<Parts extends readonly AnyPart[]> = {
  -readonly [At in keyof Parts]: ReturnOf<Parts[At]>;
};

/**
 * What comes of the members of a header: in a list, or in a group. The members
 * of a group in it are members of the header.
 */
export type HeaderReturns<H> = H extends readonly AnyPart[]
  ? [Extract<H[number], AnyGroup>] extends [never] ? ReturnsOf<H>
  : FlatReturns<H>
  : ReturnOf<H>;

/** The same, one after the other. */
export type FlatReturns<Parts extends readonly AnyPart[]> = Parts extends
  readonly [infer Head extends AnyPart, ...infer Rest extends AnyPart[]]
  ? [...MemberReturns<Head>, ...FlatReturns<Rest>]
  : [];

/** What comes of one member of a header. */
export type MemberReturns<P extends AnyPart> = P extends AnyGroup
  ? ReturnOf<P> extends readonly unknown[] ? ReturnOf<P> : [ReturnOf<P>]
  : [ReturnOf<P>];

/** What the members of a header need: in a list, or in a group. */
export type HeaderNeeds<H> = H extends readonly AnyPart[] ? CommonNeeds<H>
  : NeedsOf<H>;

/** What several parts need that all take the same. */
export type CommonNeeds<Parts extends readonly AnyPart[]> =
  [Exclude<NeedsOf<Parts[number]>, readonly []>] extends [never] ? []
    : MergedNeeds<AllNeeds<Exclude<NeedsOf<Parts[number]>, readonly []>>>;

/** What is each of several lists of arguments at once. */
export type AllNeeds<Needs> = (
  Needs extends unknown ? (needs: Needs) => void : never
) extends (needs: infer All extends readonly unknown[]) => void ? All
  : never;

/** Lists of one argument as one list, if any argument will do. */
export type MergedNeeds<Needs extends readonly unknown[]> =
  [OnlyNeed<Needs>] extends [never] ? Needs
    : Needs extends readonly [unknown] ? [OnlyNeed<Needs>]
    : Needs;

/** One argument without its list. */
export type OnlyNeed<Needs extends readonly unknown[]> = Needs extends
  readonly [unknown] ? Needs[0]
  : Needs;

/** The last of several parts. */
export type Last<Parts extends readonly AnyPart[]> = Parts extends
  readonly [...AnyPart[], infer P] ? P : Parts[number];

/**
 * Stands where a part does not fit, so that the compiler says why.
 *
 * @typeParam Why what the part takes, and what it gets of the one before it
 */
export interface DoesNotFit<Why> {
  /** Why; for the compiler alone. */
  readonly "~why": Why;
}

/** What can be given one argument. */
export interface Taking<Given> {
  /** What it needs; for the compiler alone, never set. */
  readonly "~needs"?: ((...needs: [Given]) => void) | undefined;
}

/**
 * A part, if it takes what comes before it; otherwise what is wrong. Before the
 * first one nothing comes, which is `never`. What is full, `readonly []`, takes
 * nothing.
 */
export type Fits<P, Gets> = [Gets] extends [never] ? P
  : P extends Taking<Gets>
  // deno-lint-ignore no-explicit-any -- whatever comes of it
    ? P extends Signature<infer Needs, any>
      ? [Needs] extends [unknown[]] ? P : DoesNotFit<{ takes: []; gets: Gets }>
    : P
  : DoesNotFit<{ takes: OnlyNeed<NeedsOf<P>>; gets: Gets }>;

/** The steps of a chain, each checked against the one before it. */
export type Linked<Steps extends readonly AnyPart[], Given = Gives<Steps>> =
  number extends Steps["length"] ? LinkedLists<Steps>
    : Steps extends readonly [] ? [AnyPart]
    : {
      [At in keyof Steps]: Fits<
        Steps[At],
        At extends keyof Given ? Given[At] : never
      >;
    };

/** What each of several steps gets: nothing, then what comes of the others. */
export type Gives<Steps extends readonly AnyPart[]> = Steps extends
  readonly [...infer Others extends readonly AnyPart[], unknown]
  ? [never, ...ReturnsOf<Others>]
  : [];

/**
 * The same for steps of which some are in lists, of whatever length. It goes
 * step by step, which would cost too much where there are many.
 */
export type LinkedLists<Steps extends readonly unknown[], Gets = never> =
  Steps extends readonly [infer Step, ...infer Others]
    ? [Fits<Step, Gets>, ...LinkedLists<Others, ReturnOf<Step>>]
    : Steps extends readonly [...infer Others, infer Step]
      ? [...LinkedLists<Others, Gets>, Fits<Step, EndOf<Others, Gets>>]
    : Fits<Steps[number], EndOf<Steps, Gets>>[];

/** What comes of steps that may be none. */
export type EndOf<Steps extends readonly unknown[], Gets> = Steps extends
  readonly [...unknown[], infer Step] ? ReturnOf<Step>
  : Gets | ReturnOf<Steps[number]>;

/**
 * What `get()` gives: what comes of a part. Of any signature, of which not even
 * its needs are known, it is `unknown`.
 */
export type ValueOf<P> = unknown[] extends NeedsOf<P>
  ? 0 extends 1 & ReturnOf<P> ? unknown : ReturnOf<P>
  : ReturnOf<P>;

/** What `get()` gives of each of several parts, in their order. */
export type ValuesOf<Parts extends readonly AnyPart[]> = {
  -readonly [At in keyof Parts]: ValueOf<Parts[At]>;
};

/** What is handed back when a part is sent. */
export type HandleOf<P> = P extends AnySignature ? AsyncResult<ValueOf<P>>
  : P extends { readonly "~handle"?: infer H } ? Exclude<H, undefined>
  : AsyncResult<ValueOf<P>> | GroupResult<ValueOf<P>>;

/** The handles on what is sent together, in its order. */
export type ResultsOf<S extends readonly Part<[], unknown>[]> = {
  readonly [Index in keyof S]: S[Index] extends Signature<[], infer R>
    ? AsyncResult<R>
    : HandleOf<S[Index]>;
};

/** An item for a task that takes nothing else; otherwise what is wrong. */
export type ItemOf<Args extends readonly unknown[]> = Args extends
  readonly [(infer Item)?, ...infer Others] ? [] extends Others ? Item
  : DoesNotFit<{ takes: Args; gets: [Item] }>
  : never;
