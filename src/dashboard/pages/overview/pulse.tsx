/**
 * How much goes on, in figures.
 *
 * @module
 */

import type { Overview } from "../../data/types/overview.ts";
import { number, rate, span } from "../format.ts";
import { tasksPath } from "../links.ts";
import { Stat, Stats } from "../parts/stat.tsx";
import { Time } from "../parts/time.tsx";
import type { View } from "../parts/view.ts";

/** How much goes on. */
export function Pulse({ overview }: { readonly overview: Overview }): View {
  const { totals, history, counts } = overview;
  const last = history.points.findLast(({ waitP95 }) => waitP95 !== null);
  const oldest = Math.max(
    0,
    ...overview.queues.map(({ oldestAge }) => oldestAge ?? 0),
  );
  const failed = counts.states?.["FAILURE"];
  return (
    <Stats label="Figures">
      <Stat
        label="Succeeded"
        look="success"
        value={rateText(totals.succeededRate)}
        unit=" /s"
        href={tasksPath({ state: "SUCCESS" })}
      />
      <Stat
        label="Failed"
        look="failure"
        value={rateText(totals.failedRate)}
        unit=" /s"
        note={failed === undefined ? undefined : `${number(failed)} kept`}
        href={tasksPath({ state: "FAILURE" })}
      />
      <Stat
        label="Waiting"
        look="pending"
        value={number(totals.queued)}
        note={oldest === 0 ? undefined : `oldest ${span(oldest)}`}
        href={tasksPath({ state: "PENDING" })}
      />
      <Stat
        label="Scheduled"
        look="scheduled"
        value={number(totals.scheduled)}
        href={tasksPath({ state: "SCHEDULED" })}
      />
      <Stat
        label="Running"
        look="started"
        value={number(totals.running)}
        unit={totals.slots === 0 ? undefined : ` of ${number(totals.slots)}`}
        href={tasksPath({ state: "STARTED,RECEIVED" })}
      />
      <Stat
        label="Wait, p95"
        value={last?.waitP95 === undefined || last.waitP95 === null
          ? "–"
          : span(last.waitP95)}
        note={last === undefined ? undefined : <Time at={last.at} />}
      />
      <Stat
        label="Dead letters"
        look="dead"
        value={totals.deadLetters === null ? "–" : number(totals.deadLetters)}
        href="/dead"
      />
      <Stat
        label="Beat"
        value={<span class="word">{overview.beat ?? "none"}</span>}
        href="/schedules"
      />
    </Stats>
  );
}

function rateText(value: number | null): string {
  return value === null ? "–" : rate(value);
}
