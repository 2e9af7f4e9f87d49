/**
 * What can be done with queues.
 *
 * @module
 */

import { z } from "zod";
import { count } from "../../words.ts";
import { type Action, action } from "./action.ts";
import * as field from "./fields.ts";

const one = z.object({ queue: field.name });

/** The actions on queues. */
export const QUEUE_ACTIONS: Readonly<Record<string, Action>> = {
  "queues.pause": action({
    summary: "Pauses a queue: nothing is taken from it until it is resumed",
    input: one,
    run: async ({ app }, { queue }) => {
      await app.control.pause(queue);
      return { ok: true, text: `Queue ${queue} is paused` };
    },
  }),
  "queues.resume": action({
    summary: "Resumes a queue",
    input: one,
    run: async ({ app }, { queue }) => {
      await app.control.resume(queue);
      return { ok: true, text: `Queue ${queue} is resumed` };
    },
  }),
  "queues.purge": action({
    summary: "Drops all tasks that wait in a queue, for good",
    input: one.extend({
      confirm: z.string().describe("The name of the queue once more"),
    }),
    run: async ({ stores }, { queue, confirm }) => {
      if (confirm !== queue) {
        return {
          ok: false,
          text:
            `Nothing was dropped: to drop what waits in queue ${queue}, give its name once more (confirm)`,
        };
      }
      const { broker } = await stores();
      const purged = await broker.broker.purge([queue]);
      return {
        ok: true,
        text: `Dropped ${count(purged, "waiting task")} from queue ${queue}`,
        details: { purged },
      };
    },
  }),
};
