/**
 * One schedule entry: when it was sent, when it will be, and what came of it.
 *
 * @module
 */

import type { ScheduleDetail } from "../data/types/schedules.ts";
import type { TaskRow } from "../data/types/tasks.ts";
import { number, plural } from "./format.ts";
import { Layout } from "./layout.tsx";
import { schedulePath, tasksPath } from "./links.ts";
import { Act, AskAct } from "./parts/action.tsx";
import { Crumb } from "./parts/crumb.tsx";
import { Empty } from "./parts/empty.tsx";
import { Icon } from "./parts/icon.tsx";
import { Json } from "./parts/json.tsx";
import { LiveRegion } from "./parts/live.tsx";
import { Banner } from "./parts/notice.tsx";
import { type PageInfo, usePage } from "./parts/page_info.ts";
import { Table } from "./parts/table.tsx";
import { RunRow } from "./parts/task_rows.tsx";
import { Time } from "./parts/time.tsx";
import { Switch } from "./schedules.tsx";
import type { View } from "./parts/view.ts";

/** The page of an entry. */
export function SchedulePageOf(
  { page, schedule }: {
    readonly page: PageInfo;
    readonly schedule: ScheduleDetail;
  },
): View {
  return (
    <Layout
      page={page}
      title={schedule.name}
      section="/schedules"
      live={["schedules", "tasks"]}
    >
      <LiveRegion>
        <ScheduleHead schedule={schedule} />
        {schedule.fixedBy !== null && (
          <Banner>
            It stands in the code of app{" "}
            <b>{schedule.fixedBy}</b>: change it there. Here it can be disabled,
            and sent now.
          </Banner>
        )}
        <div class="split">
          <div class="stack">
            <History schedule={schedule} />
            <What schedule={schedule} />
          </div>
          <div class="stack">
            <Next schedule={schedule} />
            <Facts schedule={schedule} />
          </div>
        </div>
      </LiveRegion>
    </Layout>
  );
}

function ScheduleHead(
  { schedule }: { readonly schedule: ScheduleDetail },
): View {
  const { url, canAct } = usePage();
  const { name } = schedule;
  const stored = schedule.fixedBy === null;
  return (
    <div class="head page-head">
      <div>
        <Crumb path="/schedules" name="Schedules" />
        <div class="title">
          <h1>{name}</h1>
          {!schedule.enabled && <span class="tag">Disabled</span>}
          {schedule.oneOff && <span class="tag">Once only</span>}
        </div>
        <p class="small second">
          {schedule.when} · {schedule.timezone}
          {schedule.description !== "" && ` · ${schedule.description}`}
        </p>
      </div>
      <div class="actions">
        <Act
          name="schedules.run"
          fields={{ name }}
          label="Run now"
          icon="play"
        />
        <Switch schedule={schedule} />
        {stored && canAct && (
          <a class="btn" href={url(`${schedulePath(name)}/edit`)}>
            <Icon name="edit" size={14} /> Edit
          </a>
        )}
        {stored && (
          <AskAct
            name="schedules.remove"
            fields={{ name }}
            label="Remove…"
            icon="trash"
            kind="danger"
            ask={`Remove schedule ${name}?`}
            back="/schedules"
            leave
          >
            It is sent no more, and what is known of its runs is forgotten.
            Tasks that were sent stay. This cannot be taken back; to have it
            rest, disable it.
          </AskAct>
        )}
      </div>
    </div>
  );
}

function History(
  { schedule }: { readonly schedule: ScheduleDetail },
): View {
  const { url } = usePage();
  const { runs } = schedule;
  return (
    <section class="card" aria-labelledby="runs-title">
      <header>
        <h2 id="runs-title">Runs</h2>
        <span class="muted small">{number(schedule.totalRuns)} in all</span>
        <span class="end">
          <Strip runs={runs} />
          <a href={url(tasksPath({ name: schedule.task }))}>
            All of this task
          </a>
        </span>
      </header>
      {runs.length === 0
        ? (
          <Empty icon="scheduled" title="No run is known">
            Runs are shown as long as their results are kept.
          </Empty>
        )
        : (
          <Table
            caption="Runs"
            columns={[
              { head: "State" },
              { head: "Task" },
              { head: "Ran", num: true, class: "wide-only" },
              { head: "When", num: true },
            ]}
          >
            {runs.map((run) => <RunRow task={run} />)}
          </Table>
        )}
    </section>
  );
}

const BAR = 5;
const HIGH = 16;

/** The runs as a row of bars, the latest at the right. */
function Strip({ runs }: { readonly runs: readonly TaskRow[] }): View {
  if (runs.length < 2) return null;
  const longest = Math.max(1, ...runs.map(({ runtime }) => runtime ?? 0));
  return (
    <svg
      class="spark"
      width={runs.length * BAR}
      height={HIGH}
      aria-hidden="true"
    >
      {runs.toReversed().map((run, at) => {
        const height = Math.max(3, ((run.runtime ?? 0) / longest) * HIGH);
        return (
          <rect
            x={at * BAR}
            y={HIGH - height}
            width={BAR - 1}
            height={height}
            class={run.state === "FAILURE" ? "bad" : ""}
          />
        );
      })}
    </svg>
  );
}

function Next(
  { schedule }: { readonly schedule: ScheduleDetail },
): View {
  return (
    <section class="card" aria-labelledby="next-title">
      <header>
        <h2 id="next-title">Next runs</h2>
        {!schedule.enabled && (
          <span class="muted small">if it were enabled</span>
        )}
      </header>
      <NextRuns next={schedule.next} />
    </section>
  );
}

/** Times to come. */
export function NextRuns(
  { next }: { readonly next: readonly number[] },
): View {
  if (next.length === 0) {
    return <p class="muted">It is never due again.</p>;
  }
  return (
    <ol class="previews">
      {next.map((at) => (
        <li>
          <Time at={at} as="clock" />
          <span class="muted small">
            <Time at={at} />
          </span>
        </li>
      ))}
    </ol>
  );
}

function What(
  { schedule }: { readonly schedule: ScheduleDetail },
): View {
  return (
    <section class="card" aria-labelledby="what-title">
      <header>
        <h2 id="what-title">What is sent</h2>
      </header>
      <p class="mono strong">{schedule.task}</p>
      <h3 class="between">Arguments</h3>
      <Json text={schedule.args} />
      {schedule.kwargs !== null && (
        <>
          <h3 class="between">Keyword arguments</h3>
          <Json text={schedule.kwargs} />
        </>
      )}
      {Object.keys(schedule.options).length > 0 && (
        <>
          <h3 class="between">Options</h3>
          <Json text={JSON.stringify(schedule.options)} />
        </>
      )}
    </section>
  );
}

const OVERLAP: Readonly<Record<string, string>> = {
  allow: "it is sent all the same",
  skip: "that time is left out",
  replace: "the task before is revoked",
};

function Facts(
  { schedule }: { readonly schedule: ScheduleDetail },
): View {
  const { skippedRuns, missedRuns, startAt, endAt } = schedule;
  return (
    <section class="card" aria-labelledby="facts-title">
      <header>
        <h2 id="facts-title">Facts</h2>
      </header>
      <dl class="kv">
        <dt>Last run</dt>
        <dd>
          <Time at={schedule.lastRunAt} />
        </dd>
        <dt>Left out</dt>
        <dd>
          {skippedRuns + missedRuns === 0
            ? "none"
            : `${plural(skippedRuns, "time")} for overlap, ${
              number(missedRuns)
            } for want of a beat`}
        </dd>
        <dt>Missed times</dt>
        <dd>{catchUp(schedule)}</dd>
        <dt>While one runs</dt>
        <dd>{OVERLAP[schedule.overlap] ?? schedule.overlap}</dd>
        {startAt !== null && (
          <>
            <dt>Not before</dt>
            <dd>
              <Time at={startAt} as="clock" />
            </dd>
          </>
        )}
        {endAt !== null && (
          <>
            <dt>Not after</dt>
            <dd>
              <Time at={endAt} as="clock" />
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function catchUp({ catchUp, catchUpLimit }: ScheduleDetail): string {
  if (catchUp === "skip") return "are left out";
  if (catchUp === "one") return "are made up for once";
  return `are all made up for, ${number(catchUpLimit)} at most`;
}
