/**
 * Canvases of every kind, by what is special about them.
 *
 * @module
 */

import type {
  ChainShape,
  ChordShape,
  Does,
  GroupShape,
  Shape,
  TaskShape,
} from "./reference.ts";

/** A task that succeeds, unless it is told otherwise. */
export function task(
  name: string,
  options: Partial<Omit<TaskShape, "task">> = {},
): TaskShape {
  return { task: name, does: "succeeds", ...options };
}

/** One after the other. */
export function chain(...steps: readonly Shape[]): ChainShape {
  return { chain: steps };
}

/** Side by side. */
export function group(...members: readonly Shape[]): GroupShape {
  return { group: members };
}

/** Side by side, and a body. */
export function chord(header: readonly Shape[], body: Shape): ChordShape {
  return { chord: header, body };
}

function that(does: Does, name: string = does): TaskShape {
  return task(name, { does });
}

const a = task("a");
const b = task("b");
const c = task("c");
const d = task("d");
const e = task("e");
const f = task("f");
const g = task("g");
const h = task("h");
const fails = that("fails");
const x = task("x");
const y = task("y");
// Its errback tells that it is the chord that failed.
const body = task("body", { linkError: [x] });

/**
 * A chain of ten whose step at this place is another: what is far ahead
 * travels in another way than what is next.
 */
function long(at: number, part: Shape): ChainShape {
  const steps = Array.from({ length: 10 }, (_, n) => task(`step${n}`));
  return chain(...steps.with(at, part as TaskShape));
}

const LONG: Readonly<Record<string, Shape>> = Object.fromEntries(
  [0, 2, 3, 4, 5, 6, 8, 9].flatMap((at) => [
    [`a group at place ${at} of a long chain`, long(at, group(a, b))],
    [`no group at place ${at} of a long chain`, long(at, group())],
    [`a chord at place ${at} of a long chain`, long(at, chord([a, b], c))],
    [`a failure at place ${at} of a long chain`, long(at, fails)],
  ]),
);

/** What runs at the call as it does with workers. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  ...LONG,
  "a chain": chain(a, b, c),
  "a chain of one": chain(a),
  "chains in a chain": chain(chain(a, b), c, chain(chain(d), e)),
  "a group": group(a, b, c),
  "a group of one": group(a),
  "groups in a group": group(a, group(b, group(c)), group()),
  "chains in a group": group(chain(a, b), c, chain(d)),
  "groups that end members of a group": group(
    chain(a, group(b, group(c))),
    chord([d], group(e, group(f))),
  ),
  "a group that ends a chain": chain(a, group(b, c)),
  "a group that begins a chain": chain(group(a, b), c, d),
  "a group within a chain": chain(a, group(b, c), d),
  "a group of one within a chain": chain(a, group(b), c),
  "groups one after the other": chain(group(a, b), group(c, d), group(e, f)),
  "groups in a group in a chain": chain(group(a, group(b, group(c))), d),
  "an empty group within a chain": chain(a, group(), b),
  "an empty group that ends a chain": chain(a, group()),
  "an empty group in a group in a chain": chain(group(group(), a), b),
  "a chord": chord([a, b], c),
  "a chord with a header of one": chord([a], b),
  "a chord with an empty header": chord([], a),
  "a chord with an empty header in a chain": chain(a, chord([], b), c),
  "a chord with a chain as its body": chord([a, b], chain(c, d, e)),
  "a chord with a group as its body": chord([a, b], group(c, d)),
  "a chord with a group as its body in a chain": chain(
    a,
    chord([b, c], group(d, group(e))),
    f,
  ),
  "a chord with an empty group as its body": chain(chord([a], group()), b),
  "a chord with a chord as its body": chord([a, b], chord([c, d], e)),
  "a chord with chains as members": chord([chain(a, b), chain(c, d)], e),
  "a chord with groups as members": chord([group(a, b), c, group()], d),
  "a chord with chains that end in groups": chord(
    [chain(a, group(b, group(c))), chain(group(d, e)), chain(f, group())],
    g,
  ),
  "chords of chords": chord([chord([a, b], c), chord([d], e)], f),
  "chords of chords of chords": chord(
    [chord([chord([a], b), c], d), chord([], e)],
    chord([f], g),
  ),
  "chains of chords": chain(chord([a, b], c), chord([d, e], f), g),
  "a chord with chains of chords": chord(
    [chain(a, chord([b, c], d)), chain(chord([e], f), g)],
    h,
  ),
  "groups of chords": group(chord([a], b), chain(c, chord([d, e], f))),
  "groups in chains in chords": chord(
    [chain(a, group(b, c), d), chain(group(e, f), g)],
    h,
  ),

  "an immutable task in a chain": chain(a, task("i", { immutable: true }), b),
  "an immutable body": chord([a, b], task("i", { immutable: true })),
  "immutable members": chain(
    a,
    chord([task("i", { immutable: true }), b], c),
    group(task("j", { immutable: true }), d),
  ),
  "an immutable body of a header that fails": chord(
    [a, fails],
    task("i", { immutable: true }),
  ),

  "links of tasks": chain(
    task("p", { link: [x, y] }),
    chord([task("q", { link: [task("z")] }), b], c),
  ),
  "links of links": task("p", { link: [task("q", { link: [x] }), y] }),
  "links of a chain and a chord": group(
    { ...chain(a, b), link: [x] },
    { ...chord([c], d), link: [y] },
  ),
  "links of what fails": chord(
    [a, task("p", { does: "fails", link: [x] })],
    task("q", { link: [y] }),
  ),
  "a link that fails": chain(
    task("p", { link: [task("l", { does: "fails", linkError: [x] })] }),
    b,
  ),

  "errbacks of a task": task("p", { does: "fails", linkError: [x, y] }),
  "errbacks of a chain": { ...chain(a, fails, b, c), linkError: [x, y] },
  "errbacks of a group": {
    ...group(a, fails, that("fails", "fails too")),
    linkError: [x],
  },
  "errbacks of a chord": { ...chord([a, fails], b), linkError: [x] },
  "errbacks of canvases in canvases": {
    ...chain(a, { ...chord([fails, b], c), linkError: [x] }, d),
    linkError: [y],
  },

  "the first of a chain fails": chain(fails, a, b),
  "the last of a chain fails": chain(a, b, fails),
  "a member of a group fails": group(a, fails, b),
  "a member of a chord fails": chain(chord([a, fails, b], body), c),
  "all members of a chord fail": chain(
    chord([fails, that("fails", "two"), that("fails", "three")], body),
    c,
  ),
  "members fail when the body has failed long ago": chain(
    chord(
      [fails, task("late", { does: "fails", countdown: 300 }), {
        ...task("later", { countdown: 400 }),
        link: [y],
      }],
      body,
    ),
    c,
  ),
  "the body of a chord fails": chain(chord([a, b], fails), c),
  "a group fails before a task": chain(group(a, fails), body, c),
  "a group fails before a group": chain(group(a, fails), group(b, c), d),
  "a header with a group as its body fails": chord([a, fails], group(b, c)),
  "a header fails before groups and chords": chain(
    chord(
      [a, chain(fails, b)],
      group(task("p", { linkError: [x] }), chain(c, d), chord([e], body)),
    ),
    group(group(), f),
    group(),
    g,
  ),
  "a header with a chord as its body fails": chord([fails], chord([b, c], d)),
  "a task fails before a group": chain(fails, group(a, b), body),
  "a task fails before a chord": chain(fails, chord([a, b], body), c),
  "a task fails before empty groups": chain(fails, group(), a, group()),
  "a chord in a chord fails": chord([chord([a, fails], body), b], c),
  "a chain in a chord fails": chord([chain(fails, a, b), c], body),
  "a body in a chord fails": chord([chord([a, b], fails), c], body),
  "a chain in a chord fails before a chord": chord(
    [chain(a, fails, chord([b, c], d)), e],
    body,
  ),
  "a chain in a chord ends in a group that fails": chord(
    [chain(a, group(b, fails)), c],
    body,
  ),
  "nested chords fail one after the other": chain(
    chord([chord([fails], a), chord([b], that("fails", "later"))], body),
    chord([c], d),
  ),

  "a member is ignored": chain(chord([a, that("ignores")], body), b),
  "a task of a chain is ignored": chain(a, that("ignores"), b, c),
  "a chain in a chord is ignored": chord([chain(that("ignores"), a), b], body),
  "a member is rejected": chord([a, that("rejects")], body),
  "a member is retried": chain(chord([a, that("retries")], body), b),
  "a member is retried in vain": chain(chord([that("failsAgain"), a], body), b),
  "a chain with retries": chain(that("retries"), a, that("retries", "again")),
  "chosen ids": chain(
    task("p", { chosenId: true }),
    chord(
      [
        a,
        task("q", { chosenId: true }),
        chain(b, task("r", { chosenId: true })),
      ],
      task("s", { chosenId: true }),
    ),
    group(c, task("t", { chosenId: true })),
  ),
  "a chosen id that fails": chord(
    [a, task("q", { chosenId: true, does: "fails" })],
    body,
  ),
  "members that are acknowledged early": chain(
    task("p", { early: true }),
    chord(
      [a, task("q", { early: true }), chain(b, task("r", { early: true }))],
      task("s", { early: true }),
    ),
    c,
  ),
  "a member that is acknowledged early is retried": chord(
    [a, task("p", { early: true, does: "retries" })],
    body,
  ),
  "a member that is acknowledged early fails": chain(
    chord(
      [a, task("p", { early: true, does: "fails", linkError: [y] })],
      body,
    ),
    b,
  ),
  "a task that is acknowledged early fails before a chord": chain(
    task("p", { early: true, does: "fails", linkError: [y] }),
    chord([a, b], body),
  ),
  "a member that is acknowledged early is ignored": chord(
    [a, task("p", { early: true, does: "ignores" })],
    body,
  ),
  "members with countdowns": chain(
    chord([task("p", { countdown: 30 }), a], task("q", { countdown: 10 })),
    group(task("r", { countdown: 20 }), b),
  ),
};

/** What is another thing at the call: there nothing waits. */
export const WAITING_SHAPES: Readonly<Record<string, Shape>> = {
  "a member is revoked": chain(
    chord([a, task("p", { does: "revoked", linkError: [y] })], body),
    b,
  ),
  "the first of a chain is revoked": chain(that("revoked"), a, group(b, c)),
  "a chain in a chord is revoked": chord([chain(that("revoked"), a), b], body),
  "a member has expired": chain(
    chord([a, task("p", { does: "expires", linkError: [y] })], body),
    b,
  ),
  "a task of a chain has expired": chain(a, that("expires"), b),
  "a body has expired": chain(chord([a, b], that("expires")), c),
};
