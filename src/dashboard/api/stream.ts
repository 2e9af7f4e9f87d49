/**
 * Live data as server-sent events. One poll of the stores serves all viewers,
 * and ends when nobody looks; an event is sent when its topic has changed.
 *
 * @module
 */

import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { DashboardContext } from "../context.ts";
import { strangerAmong } from "../mistake.ts";
import { refuse } from "../refusal.ts";
import { held, queryOf } from "./input.ts";
import { streamQuery } from "./query.ts";
import { isTopic, sayTopics, TOPICS } from "./topics.ts";

/** The stores are looked at after this, in ms; less often if that is slow. */
const INTERVAL = 2_000;
/** Something is sent at least this often, in ms. */
const PING = 15_000;
/** The most that one viewer listens to. */
const MOST_TOPICS = 20;
/** The most that look at once. */
const MOST_VIEWERS = 500;

interface Viewer {
  readonly topics: ReadonlySet<string>;
  send(topic: string, data: string): void;
}

/** The viewers of a dashboard. */
export class Stream {
  readonly #context: DashboardContext;
  readonly #viewers = new Set<Viewer>();
  #last: ReadonlyMap<string, string> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Nobody looks yet. */
  constructor(context: DashboardContext) {
    this.#context = context;
  }

  /** Answers a viewer, until it or the dashboard ends that. */
  open(c: Context): Response {
    const { topics = TOPICS.join(",") } = held(streamQuery, queryOf(c));
    const asked = topics.split(",", MOST_TOPICS);
    const stranger = asked.find((topic) => !isTopic(topic));
    if (stranger !== undefined) {
      return refuse(c, 400, strangerAmong([stranger], TOPICS));
    }
    if (this.#viewers.size >= MOST_VIEWERS) {
      return refuse(c, 503, `${MOST_VIEWERS} viewers look already`);
    }
    c.header("x-accel-buffering", "no");
    return streamSSE(c, async (sse) => {
      const over = Promise.withResolvers<void>();
      const viewer: Viewer = {
        topics: new Set(asked),
        send: (event, data) => void sse.writeSSE({ event, data }),
      };
      const forget = this.#context.closing.add(over.resolve);
      sse.onAbort(over.resolve);
      const ping = setInterval(() => void sse.write(": ping\n\n"), PING);
      try {
        await sse.write("retry: 2000\n\n");
        this.#add(viewer);
        await over.promise;
      } finally {
        clearInterval(ping);
        forget();
        this.#remove(viewer);
      }
    });
  }

  /** How many look. */
  get viewers(): number {
    return this.#viewers.size;
  }

  #add(viewer: Viewer): void {
    this.#viewers.add(viewer);
    for (const [topic, data] of this.#last) {
      if (viewer.topics.has(topic)) viewer.send(topic, data);
    }
    if (this.#viewers.size === 1) void this.#look();
  }

  #remove(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    clearTimeout(this.#timer);
    this.#last = new Map();
  }

  async #look(): Promise<void> {
    try {
      const now = await this.#gather();
      for (const [topic, data] of now) {
        if (this.#last.get(topic) === data) continue;
        for (const viewer of this.#viewers) {
          if (viewer.topics.has(topic)) viewer.send(topic, data);
        }
      }
      if (this.#viewers.size > 0) this.#last = now;
    } catch {
      // Pages say what is wrong with a store; the stream goes on trying.
    }
    if (this.#viewers.size === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), INTERVAL);
  }

  #gather(): Promise<ReadonlyMap<string, string>> {
    const topics = [...this.#viewers].flatMap((viewer) => [...viewer.topics]);
    return sayTopics(this.#context.data, new Set(topics));
  }
}
