import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecodeError, EncodeError } from "../../src/errors.ts";
import { decodeEnvelope, encodeEnvelope } from "../../src/message/envelope.ts";
import type { Envelope } from "../../src/message/envelope.ts";
import { decodeCall, encodeArgs } from "../../src/message/json_codec.ts";
import type { CanvasJson } from "../../src/message/canvas_json.ts";
import { groupId, memberId } from "../../src/message/ids.ts";
import { chainRest } from "../../src/message/later_steps.ts";
import type { SignatureJson } from "../../src/message/signature_json.ts";
import { plain, rich, RUNS } from "./arbitraries.ts";

const minimal: Envelope = {
  v: 1,
  id: "id-1",
  task: "images.resize",
  args: ["a.png", 640],
  retries: 0,
  sentAt: 1_000,
  rootId: "id-1",
  queue: "default",
  priority: 3,
};

const signature: SignatureJson = {
  task: "billing.charge",
  args: [1],
  kwargs: { b: 2 },
  options: { queue: "billing" },
  immutable: true,
};

const full: Required<Omit<Envelope, "later">> = {
  ...minimal,
  kwargs: { quality: 80 },
  meta: { values: { "args.0": ["Date"] }, v: 1 },
  eta: 2_000,
  expires: 3_000,
  softTimeLimit: 0,
  timeLimit: 30_000,
  parentId: "id-0",
  group: "group-1",
  groupIndex: 0,
  headers: { trace: "x" },
  link: [signature],
  linkError: [],
  chain: [signature, signature],
  chord: true,
  header: { group: "group-0", size: 2, ids: { 1: "own" }, isIgnored: true },
  outcome: { error: "{}", isOwn: true },
  ignoreResult: false,
  origin: "worker@host",
  shadow: "resize",
  retriedAt: 4_000,
  unknownSince: 5_000,
  calledAs: "other",
  unique: { key: "a", for: 1_000, onConflict: "replace" },
};

Deno.test("envelope: comes back as it was sent", () => {
  for (const envelope of [minimal, full]) {
    assertEquals(decodeEnvelope(encodeEnvelope(envelope)), envelope);
  }
  fc.assert(
    fc.property(fc.array(rich), (args) => {
      const envelope = { ...minimal, ...encodeArgs(args) };
      const back = decodeEnvelope(encodeEnvelope(envelope));
      assertEquals(decodeCall(back).args, args);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("envelope: a call may say that it is never like another", () => {
  const envelope = { ...minimal, unique: false } as const;
  assertEquals(decodeEnvelope(encodeEnvelope(envelope)), envelope);
  for (
    const [unique, message] of [
      [7, '"unique" must be an object or false, but it is 7'],
      [{ key: 7, onConflict: "skip" }, '"unique.key" must be a text'],
      [{ for: -1, onConflict: "skip" }, '"unique.for" must be a number (ms)'],
      [{}, '"unique.onConflict" must be "skip", "replace" or "keepLast"'],
    ] as const
  ) {
    assertThrows(
      () => decodeEnvelope(JSON.stringify({ ...minimal, unique })),
      DecodeError,
      message,
    );
  }
});

Deno.test("envelope: what most tasks have in common is not said", () => {
  const said = (envelope: Envelope) =>
    Object.keys(JSON.parse(encodeEnvelope(envelope)));
  assertEquals(said(minimal).includes("rootId"), false);
  assertEquals(said(minimal).includes("retries"), false);
  const retried = { ...minimal, rootId: "id-0", retries: 1 };
  assertEquals(said(retried).includes("rootId"), true);
  assertEquals(said(retried).includes("retries"), true);
});

Deno.test("envelope: headers must be plain JSON", () => {
  assertThrows(
    () => encodeEnvelope({ ...minimal, headers: { at: new Date() } }),
    EncodeError,
    "headers.at: Date instances are not plain JSON",
  );
});

Deno.test("envelope: fields of later writers are kept", () => {
  const newer = { ...minimal, newer: { a: 1 } };
  const text = encodeEnvelope(decodeEnvelope(JSON.stringify(newer)));
  assertEquals<unknown>(decodeEnvelope(text), newer);
});

Deno.test("envelope: an error names the field, what was found, what wanted", () => {
  for (
    const [change, message] of [
      [
        { v: 99 },
        "The message has version 99, but this worker reads version 1; upgrade the worker",
      ],
      [{ v: undefined }, 'The message\'s "v" must be 1, but it is missing'],
      [{ v: "1" }, 'The message\'s "v" must be 1, but it is "1"'],
      [
        { id: undefined },
        'The message\'s "id" must be a task id, but it is missing',
      ],
      [
        { id: "a\nb" },
        'The message\'s "id" must be a task id, but it is "a\\nb"',
      ],
      [
        { task: "" },
        'The message\'s "task" must be text that is not empty, but it is ""',
      ],
      [
        { args: {} },
        'The message\'s "args" must be a list, but it is an object',
      ],
      [
        { eta: "soon" },
        'The message\'s "eta" must be a number (epoch ms), but it is "soon"',
      ],
      [
        { eta: null },
        'The message\'s "eta" must be a number (epoch ms), but it is null',
      ],
      [
        { priority: 10 },
        'The message\'s "priority" must be a whole number from 0 to 9, but it is 10',
      ],
      [
        { retries: -1 },
        'The message\'s "retries" must be a whole number that is not negative, but it is -1',
      ],
      [
        { timeLimit: -1 },
        'The message\'s "timeLimit" must be a number (ms) that is not negative, but it is -1',
      ],
      [
        { chain: [signature, { ...signature, task: 1 }] },
        'The message\'s "chain[1].task" must be text that is not empty, but it is 1',
      ],
      [
        { chord: [] },
        'The message\'s "chord" must be true or false, but it is a list',
      ],
      [
        { link: [{ ...signature, options: undefined }] },
        'The message\'s "link[0].options" must be an object, but it is missing',
      ],
    ] as const
  ) {
    const text = JSON.stringify({ ...minimal, ...change });
    const error = assertThrows(() => decodeEnvelope(text), DecodeError);
    assertEquals(error.message, message);
  }
});

Deno.test("envelope: every field is checked", () => {
  const required = Object.keys(minimal)
    .filter((field) => field !== "rootId" && field !== "retries");
  for (const field of Object.keys(full)) {
    for (const wrong of [null, true, -1.5, "", [1], { a: [1] }]) {
      const text = JSON.stringify({ ...full, [field]: wrong });
      const isFlag = field === "ignoreResult" || field === "chord";
      if (isFlag && wrong === true) continue;
      if (field === "sentAt" && wrong === -1.5) continue;
      if (isTime(field) && wrong === -1.5) continue;
      if (field === "args" && Array.isArray(wrong)) continue;
      if (isObjectField(field) && !Array.isArray(wrong) && isObject(wrong)) {
        continue;
      }
      const error = assertThrows(
        () => decodeEnvelope(text),
        DecodeError,
        undefined,
        `${field} ${wrong}`,
      );
      assert(
        error.message.includes(field === "v" ? "ver" : field) || field === "v",
      );
    }
    const without = { ...full, [field]: undefined };
    if (required.includes(field)) {
      assertThrows(() => decodeEnvelope(JSON.stringify(without)), DecodeError);
    } else decodeEnvelope(JSON.stringify(without));
  }
});

function isTime(field: string): boolean {
  return ["eta", "expires", "retriedAt", "unknownSince"].includes(field);
}

function isObjectField(field: string): boolean {
  return ["kwargs", "meta", "headers"].includes(field);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

/** Decodes, and makes sure that only a `DecodeError` can come of it. */
function attempt(text: string): void {
  let envelope: Envelope;
  try {
    envelope = decodeEnvelope(text);
  } catch (error) {
    assert(error instanceof DecodeError, String(error));
    return;
  }
  try {
    assert(Array.isArray(decodeCall(envelope).args));
  } catch (error) {
    assert(error instanceof DecodeError, String(error));
  }
}

Deno.test("envelope: arbitrary text and bytes give a DecodeError at most", () => {
  const decoder = new TextDecoder();
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.uint8Array().map((bytes) => decoder.decode(bytes)),
  );
  fc.assert(fc.property(text, attempt), { numRuns: 5 * RUNS });
});

Deno.test("envelope: damaged envelopes give a DecodeError at most", () => {
  const text = encodeEnvelope(full);
  const fields = fc.constantFrom(...Object.keys(full), "__proto__");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fields, fc.oneof(plain, fc.jsonValue()))),
      (changes) => {
        const damaged = changes.map(([field, value]) =>
          `${JSON.stringify(field)}:${JSON.stringify(value)}`
        );
        // Of two fields of one name, JSON.parse takes the later.
        attempt(`${text.slice(0, -1)},${damaged.join() || '"x":1'}}`);
      },
    ),
    { numRuns: 5 * RUNS },
  );
  for (let length = 0; length < text.length; length++) {
    assertThrows(() => decodeEnvelope(text.slice(0, length)), DecodeError);
  }
});

Deno.test("envelope: deep text is no trouble", () => {
  attempt("[".repeat(1_000_000));
  const args = "[".repeat(100_000) + "]".repeat(100_000);
  attempt(encodeEnvelope(minimal).replace('["a.png",640]', args));
});

Deno.test("envelope: numbers too large for JSON are refused", () => {
  const text = encodeEnvelope(minimal).replace("1000", "1e999");
  assertThrows(() => decodeEnvelope(text), DecodeError, "Infinity");
});

Deno.test("envelope: no prototype pollution", () => {
  const proto = '{"polluted":true,"eta":1}';
  const text = `${
    JSON.stringify(minimal).slice(0, -1)
  },"__proto__":${proto},"headers":{"__proto__":${proto}}}`;
  const envelope = decodeEnvelope(text);
  assertEquals(envelope.eta, undefined);
  assertEquals("polluted" in envelope, false);
  assertEquals("polluted" in { ...envelope }, false);
  assertEquals("polluted" in {}, false);
});

/** A chain's steps as they are taken from message to message. */
function walk(steps: readonly CanvasJson[]): CanvasJson[] {
  const seen: CanvasJson[] = [];
  let envelope: Envelope = { ...minimal, ...chainRest(steps, undefined) };
  for (;;) {
    envelope = decodeEnvelope(encodeEnvelope(envelope));
    const { chain = [], later } = envelope;
    const [next, ...rest] = chain;
    if (next === undefined) return seen;
    if (rest.length === 0) assertEquals(later, undefined);
    seen.push(next);
    envelope = { ...minimal, ...chainRest(rest, later) };
  }
}

const step = fc.record({
  follows: fc.boolean(),
  args: fc.array(plain, { maxLength: 2 }),
  isChord: fc.boolean(),
});

Deno.test("envelope: each link of a chain finds the steps after it", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (given) => {
      const ids = groupId();
      const steps = given.map(({ follows, args, isChord }, at): CanvasJson => {
        const taskId = follows ? memberId(ids, at) : `own-${at}`;
        const one = { task: "a.b", args, options: { taskId, queue: "q" } };
        return isChord ? { chord: [one], body: one, id: "g" } : one;
      });
      assertEquals(walk(steps), steps);
    }),
    { numRuns: RUNS },
  );
});

Deno.test("envelope: a chain's ids that follow on each other are not said", () => {
  const ids = groupId();
  const steps = Array.from({ length: 1_000 }, (_, at) => ({
    task: "a.b",
    args: [],
    options: { taskId: memberId(ids, at) },
  }));
  assertEquals(walk(steps), steps);
  const { later = "" } = chainRest(steps, undefined);
  assert(later.length < 50_000, `the rest takes ${later.length} characters`);
});

Deno.test("envelope: steps that come later are read as far as they are near", () => {
  const far = { ...minimal, later: `${JSON.stringify(signature)}\n{oops` };
  const error = assertThrows(
    () => decodeEnvelope(encodeEnvelope(far)),
    DecodeError,
  );
  assert(
    error.message.startsWith("A step of the message's chain is not JSON"),
    error.message,
  );
  const near = { ...far, chain: [signature, signature] };
  assertEquals(decodeEnvelope(encodeEnvelope(near)), near);
  const noStep = { ...minimal, later: '{"task":"a"}\n{}' };
  assertThrows(
    () => decodeEnvelope(encodeEnvelope(noStep)),
    DecodeError,
    "chain[0].args",
  );
  assertThrows(
    () => decodeEnvelope(JSON.stringify({ ...minimal, later: 7 })),
    DecodeError,
    "later",
  );
});

Deno.test("envelope: may be written in many lines", () => {
  assertEquals(decodeEnvelope(JSON.stringify(minimal, null, 2)), minimal);
});
