/**
 * Watches the events of Lovage's workers by turns, in a process of its own,
 * and says when each turn begins and how many events of tasks it has heard.
 *
 * @module
 */

import { readEvents } from "../../src/control/event_wire.ts";
import { EventStream } from "../../src/control/events.ts";
import {
  EVENTS_TOPIC,
  WATCHED_TOPIC,
  watchedText,
} from "../../src/control/monitor_event.ts";
import { internalsOf } from "../../src/internals.ts";
import { app } from "./lovage_tasks.ts";

/** How long each turn is, in ms. */
const TURN = Number(Deno.args[0]);
const REPORT_EVERY = 50;

const { broker: { bus } } = await internalsOf(app).stores.open();
let heard = 0;
await using stream = new EventStream(() => Date.now());
await bus.subscribe(EVENTS_TOPIC, (payload) => {
  for (const event of readEvents(payload)) stream.push(event);
});
let watching = false;
const turn = () => {
  watching = !watching;
  // As `app.events.stream()` does, which cannot end its lease.
  if (watching) {
    void bus.broadcast(
      WATCHED_TOPIC,
      watchedText({ lease: TURN, begins: true, clock: 0 }),
    );
  }
  console.log(JSON.stringify({ watching, heard }));
};
turn();
setInterval(turn, TURN);
setInterval(() => console.log(JSON.stringify({ heard })), REPORT_EVERY);
for await (const { uuid } of stream) if (uuid !== undefined) heard++;
