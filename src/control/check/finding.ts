/**
 * What a check has found.
 *
 * @module
 */

/**
 * How bad it is: a `problem` loses tasks or keeps them from running, a
 * `warning` may do so one day.
 */
export type FindingLevel = "ok" | "warning" | "problem";

/** What a check has found. */
export interface Finding {
  /** Which check: `resultExpires`, `workers`, `clocks` … */
  readonly check: string;
  /** How bad it is. */
  readonly level: FindingLevel;
  /** What is so, in a sentence. */
  readonly detail: string;
  /** What to do about it; `""` when there is nothing to do. */
  readonly cure: string;
}

/** What all checks have found. */
export interface CheckReport {
  /** Whether there is no problem; there may be warnings. */
  readonly ok: boolean;
  /** What was found, check by check. */
  readonly findings: readonly Finding[];
}

/** One check, or several that belong together. */
export type Check<Context> = (context: Context) => readonly Finding[];

/** All is well. */
export function fine(check: string, detail: string): Finding {
  return { check, level: "ok", detail, cure: "" };
}

/** Something that may become a problem. */
export function warning(check: string, detail: string, cure: string): Finding {
  return { check, level: "warning", detail, cure };
}

/** Something that loses tasks or keeps them from running. */
export function problem(check: string, detail: string, cure: string): Finding {
  return { check, level: "problem", detail, cure };
}
