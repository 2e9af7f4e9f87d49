/**
 * What added jobs: one by one, many, a flow, and those that come again and
 * again.
 *
 * @module
 */

import { type AsyncResult, chord } from "@lovage/lovage";
import { app, page, resize, welcome } from "./tasks.ts";

/** A mail in a minute; the same person is greeted once. */
export async function greet(to: string): Promise<AsyncResult<string>> {
  return await welcome.applyAsync([{ to }], {
    countdown: "1m",
    taskId: `welcome-${to}`,
    priority: 2,
  });
}

/** Many at once. */
export async function greetAll(people: readonly string[]): Promise<void> {
  await app.sendMany(people.map((to) => welcome.s({ to })));
}

/** A flow: the children, and the parent with what they returned. */
export async function album(
  title: string,
  paths: readonly string[],
): Promise<AsyncResult<string>> {
  const children = paths.map((path) => resize.s(path, 640));
  return await chord(children, page.s(title)).delay();
}

/** What `upsertJobScheduler` did: an entry that a running beat sends. */
export async function everyMorning(to: string): Promise<void> {
  await app.schedules.put({
    [`digest-${to}`]: {
      task: welcome.s({ to }),
      schedule: "0 7 * * *",
      timezone: "Europe/Berlin",
    },
  });
}
