/**
 * What a schema found wrong, as a sentence.
 *
 * @module
 */

import type { z } from "zod";

type Issue = z.core.$ZodIssue;

/** The first mistake: which field, and what is wrong with it. */
export function mistakeIn({ issues }: z.ZodError): string {
  const [issue] = issues;
  if (issue === undefined) return "It is not what was wanted";
  const { path, message } = deepest(issue);
  const field = path.join(".");
  const text = message.replace(/^Invalid input: /, "")
    .replace(/, received undefined$/, "; it is missing");
  return field === "" ? text : `"${field}" ${text}`;
}

/** Of a field that may be of several kinds, the mistake that says most. */
function deepest(issue: Issue): Pick<Issue, "path" | "message"> {
  if (issue.code !== "invalid_union") return issue;
  const inner = issue.errors.flat();
  const custom = inner.find(({ code }) => code === "custom") ?? inner[0];
  if (custom === undefined) return issue;
  const { path, message } = deepest(custom);
  return { path: [...issue.path, ...path], message };
}
