/**
 * What a schema found wrong, as a sentence: which field, what was wanted, and
 * what was given.
 *
 * @module
 */

import type { z } from "zod";
import { nearest, show } from "../options.ts";

type Issue = z.core.$ZodIssue;

/** Of a value, so much is shown. */
const SHOWN = 60;

const WORDS: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "text",
  boolean: "true or false",
  array: "an array",
  record: "an object",
  object: "an object",
};

/**
 * The first mistake.
 *
 * @param given what the schema has looked at
 * @param known the names that there are, where others are refused
 */
export function mistakeIn(
  { issues }: z.ZodError,
  given?: unknown,
  known: readonly string[] = [],
): string {
  const [issue] = issues;
  if (issue === undefined) return "It is not what was wanted";
  const deep = deepest(issue);
  if (deep.code === "unrecognized_keys") {
    return strangerAmong(deep.keys, known);
  }
  const field = deep.path.join(".");
  const text = wantedBy(deep, valueAt(given, deep.path));
  return field === "" ? text : `"${field}" ${text}`;
}

/** A name that is not among those that there are. */
export function strangerAmong(
  strangers: readonly string[],
  known: readonly string[],
): string {
  const [name = ""] = strangers;
  const near = nearest(name, known);
  const hint = near !== undefined
    ? `Did you mean "${near}"?`
    : known.length === 0
    ? "Nothing is taken here"
    : `There are ${known.join(", ")}`;
  return `There is no ${brief(name)} here. ${hint}`;
}

/** Of a field that may be of several kinds, the mistake that says most. */
function deepest(issue: Issue): Issue {
  if (issue.code !== "invalid_union") return issue;
  const inner = issue.errors.flat();
  const found = inner.find(({ code }) => code === "custom") ?? inner[0];
  if (found === undefined) return issue;
  const deep = deepest(found);
  return { ...deep, path: [...issue.path, ...deep.path] };
}

function wantedBy(issue: Issue, value: unknown): string {
  const not = `, not ${brief(value)}`;
  switch (issue.code) {
    case "invalid_type": {
      const wanted = WORDS[issue.expected] ?? issue.expected;
      return value === undefined
        ? `is missing: it must be ${wanted}`
        : `must be ${wanted}${not}`;
    }
    case "too_big":
      return boundOf("at most", issue.origin, issue.maximum, value);
    case "too_small":
      return boundOf("at least", issue.origin, issue.minimum, value);
    case "invalid_value": {
      const all = issue.values.map((each) => JSON.stringify(each)).join(", ");
      const wanted = issue.values.length === 1 ? all : `one of ${all}`;
      return value === undefined
        ? `is missing: it must be ${wanted}`
        : `must be ${wanted}${not}`;
    }
    default: {
      const text = issue.message.replace(/^Invalid input: /, "");
      return text.startsWith("must be") ? text + not : text;
    }
  }
}

function boundOf(
  bound: string,
  origin: string,
  limit: number | bigint,
  value: unknown,
): string {
  const size = (value as { length?: number } | undefined)?.length;
  if (origin === "string") {
    return size === 0
      ? "must not be empty"
      : `must have ${bound} ${limit} characters, and has ${size}`;
  }
  if (origin === "array") {
    return `must have ${bound} ${limit} items, and has ${size}`;
  }
  return `must be ${bound} ${limit}, not ${brief(value)}`;
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    given,
  );
}

function brief(value: unknown): string {
  const text = show(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
