/**
 * What were two queues of BullMQ with their processors, one of them in a file
 * of its own. A worker loads this module: `lovage worker --app ./tasks.ts`.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";

/** Tasks wait in ./lovage.db, or where `LOVAGE_BROKER_URL` says. */
export const app = new Lovage("shop", { taskQueues: ["mail", "images"] });
app.configFromEnv();

/** A mail that is to be sent. */
export interface Mail {
  readonly to: string;
}

/** Sends a mail: five tries, ten a second over all workers. */
export const welcome = app.task("mail.welcome", {
  queue: "mail",
  maxRetries: 4,
  autoretryFor: [Error],
  retryBackoff: true,
  rateLimit: { limit: "10/s", scope: "cluster" },
}, ({ to }: Mail) => `to ${to}`);

/** Makes a picture smaller, in a process of its own, and tells how far it is. */
export const resize = app.task("images.resize", {
  bind: true,
  queue: "images",
  timeLimit: "30s",
  memoryLimit: "512MB",
}, async (self, path: string, width: number) => {
  await self.updateState("PROGRESS", { percent: 50 });
  return `${path}@${width}`;
});

/** Puts pictures on one page, once all are there. */
export const page = app.task(
  "images.page",
  { queue: "images" },
  (pictures: readonly string[], title: string) =>
    `${title}: ${pictures.join(", ")}`,
);
