/**
 * Checks of the schedule: what is due is to be sent.
 *
 * @module
 */

import { count, list, span } from "../../words.ts";
import type { CheckContext } from "./context.ts";
import { type Finding, fine, problem, warning } from "./finding.ts";

/** Where there are schedule entries, a beat is to lead and to be in time. */
export function checkBeat({ app, running }: CheckContext): readonly Finding[] {
  const { leader, stored, more, overdue } = running.schedule;
  const written = app?.entries ?? [];
  const found: Finding[] = [];
  if (app !== null && app.entriesError !== null) {
    found.push(problem(
      "beat",
      `The schedule entries of the app's code cannot be read, ${app.entriesError}`,
      "Correct them in beatSchedule or addPeriodicTask()",
    ));
  }
  const all = new Set([...stored, ...written]);
  if (all.size > 0 && leader === null) {
    found.push(problem(
      "beat",
      `There ${all.size === 1 ? "is" : "are"} ${more ? "more than " : ""}${
        entries(all.size)
      }, but no beat runs: none of them is sent`,
      "lovage beat",
    ));
  } else if (overdue.length > 0) {
    const longest = Math.max(...overdue.map(({ late }) => late));
    found.push(warning(
      "beat",
      `${entries(overdue.length)} ${
        overdue.length === 1 ? "was" : "were"
      } due up to ${span(longest)} ago and not sent, though ${leader} leads: ${
        list(overdue.map(({ name }) => name))
      }`,
      "Look at the log of the beat that leads",
    ));
  }
  const missing = written.filter((name) => !stored.includes(name));
  if (leader !== null && missing.length > 0 && !more) {
    found.push(warning(
      "beat",
      `${entries(missing.length)} of the app's code ${
        missing.length === 1 ? "is" : "are"
      } not in the store: ${list(missing)}`,
      "Restart beat: it stores the entries of the code when it starts",
    ));
  }
  if (found.length > 0) return found;
  return [fine(
    "beat",
    leader === null
      ? "There is no schedule, and no beat"
      : `Beat ${leader} leads, and is in time`,
  )];
}

function entries(number: number): string {
  return count(number, "schedule entry", "schedule entries");
}
