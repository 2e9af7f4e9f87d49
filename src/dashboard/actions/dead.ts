/**
 * What can be done with dead letters.
 *
 * @module
 */

import { z } from "zod";
import type { DeadLetters } from "../../contracts/dead_letters.ts";
import { count } from "../../words.ts";
import type { DashboardContext } from "../context.ts";
import { type Action, action } from "./action.ts";
import * as field from "./fields.ts";

const which = z.object({
  key: z.union([z.string().min(1), z.array(z.string().min(1)).max(1_000)])
    .optional().describe("The keys of dead letters"),
  all: field.flag.describe("All of them"),
}).refine(({ key, all }) => (key !== undefined) !== all, {
  message: "give either key or all",
});

/** The actions on dead letters. */
export const DEAD_ACTIONS: Readonly<Record<string, Action>> = {
  "dead.redrive": action({
    summary: "Puts dead letters back into their queues",
    input: which,
    run: async (context, { key, all }) => {
      const keys = all ? null : [key ?? []].flat();
      const count = await (await lettersOf(context)).redrive(keys);
      const left = keys === null ? 0 : keys.length - count;
      return {
        ok: left === 0,
        text: `Put ${count} back` +
          (left === 0
            ? ""
            : `; ${left} stayed: a task of the same id waits or runs, or it is not there`),
        details: { redriven: count, left },
      };
    },
  }),
  "dead.purge": action({
    summary: "Drops dead letters for good",
    input: which.and(z.object({
      confirm: z.literal("purge").describe('The word "purge"'),
    })),
    run: async (context, { key, all }) => {
      const keys = all ? null : [key ?? []].flat();
      const purged = await (await lettersOf(context)).purge(keys);
      return {
        ok: true,
        text: `Dropped ${count(purged, "dead letter")}`,
        details: { purged },
      };
    },
  }),
};

async function lettersOf({ stores }: DashboardContext): Promise<DeadLetters> {
  return (await stores()).broker.deadLetters;
}
