/**
 * What can be done with schedule entries.
 *
 * @module
 */

import { z } from "zod";
import type {
  CatchUp,
  EntryCallOptions,
  EntryInput,
  Overlap,
} from "../../schedules/entry.ts";
import { type Action, action } from "./action.ts";
import * as field from "./fields.ts";

const one = z.object({ name: field.name });

const written = z.object({
  name: field.name,
  task: field.name,
  schedule: z.string().min(1).max(255).describe(
    'A period such as "10s", or a cron expression such as "*/5 * * * *"',
  ),
  args: field.jsonArray,
  kwargs: field.jsonObject,
  timezone: field.optionalText,
  queue: field.optionalText,
  priority: field.optionalInteger,
  description: field.optionalText,
  oneOff: field.flag,
  catchUp: z.enum(["skip", "one", "all"]).optional(),
  overlap: z.enum(["allow", "skip", "replace"]).optional(),
});

type Written = z.infer<typeof written>;

/** The actions on schedule entries. */
export const SCHEDULE_ACTIONS: Readonly<Record<string, Action>> = {
  "schedules.create": action({
    summary: "Adds a schedule entry",
    input: written,
    run: async ({ app }, input) => {
      const { name } = await app.schedules.add(input.name, entryOf(input));
      return { ok: true, text: `Schedule ${name} is added`, details: { name } };
    },
  }),
  "schedules.edit": action({
    summary: "Changes a schedule entry; what is not given stays",
    input: written.partial().extend({ name: field.name }),
    run: async ({ app }, { name, ...changes }) => {
      const given = Object.fromEntries(
        Object.entries(changes).filter(([, value]) => value !== undefined),
      );
      await app.schedules.edit(name, entryOf(given));
      return { ok: true, text: `Schedule ${name} is changed` };
    },
  }),
  "schedules.enable": action({
    summary: "Has a schedule entry sent again",
    input: one,
    run: async ({ app }, { name }) => {
      await app.schedules.enable(name);
      return { ok: true, text: `Schedule ${name} is enabled` };
    },
  }),
  "schedules.disable": action({
    summary: "Has a schedule entry sent no more, until it is enabled",
    input: one,
    run: async ({ app }, { name }) => {
      await app.schedules.disable(name);
      return { ok: true, text: `Schedule ${name} is disabled` };
    },
  }),
  "schedules.run": action({
    summary: "Sends the task of a schedule entry now; its times stay",
    input: one,
    run: async ({ app }, { name }) => {
      const { id } = await app.schedules.runNow(name);
      return {
        ok: true,
        text: `Sent the task of schedule ${name} as ${id}`,
        details: { id },
      };
    },
  }),
  "schedules.remove": action({
    summary: "Removes a schedule entry",
    input: one,
    run: async ({ app }, { name }) => {
      const [removed] = await app.schedules.remove(name);
      return removed === true
        ? { ok: true, text: `Schedule ${name} is removed` }
        : { ok: false, text: `There is no schedule ${name}` };
    },
  }),
};

function entryOf(given: Omit<Written, "name">): EntryInput;
function entryOf(given: Partial<Written>): Partial<EntryInput>;
function entryOf(
  { name: _, queue, priority, catchUp, overlap, ...rest }: Partial<Written>,
): Partial<EntryInput> {
  const options: EntryCallOptions = {
    ...(queue === undefined ? {} : { queue }),
    ...(priority === undefined ? {} : { priority }),
  };
  return {
    ...Object.fromEntries(
      Object.entries(rest).filter(([, value]) => value !== undefined),
    ),
    ...(catchUp === undefined ? {} : { catchUp: catchUp as CatchUp }),
    ...(overlap === undefined ? {} : { overlap: overlap as Overlap }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
}
