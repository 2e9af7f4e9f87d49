/**
 * The schedule: what is sent again and again.
 *
 * @module
 */

import type { SchedulePage, ScheduleRow } from "../data/types/schedules.ts";
import { number } from "./format.ts";
import { Layout } from "./layout.tsx";
import { path, schedulePath, taskPath } from "./links.ts";
import { Act } from "./parts/action.tsx";
import { Empty } from "./parts/empty.tsx";
import { Icon } from "./parts/icon.tsx";
import { LiveRegion } from "./parts/live.tsx";
import { Banner } from "./parts/notice.tsx";
import { type PageInfo, usePage } from "./parts/page_info.ts";
import { Pager } from "./parts/pager.tsx";
import { Table } from "./parts/table.tsx";
import { Time } from "./parts/time.tsx";
import type { View } from "./parts/view.ts";

/** The page of all entries. */
export function SchedulesPage(
  { page, schedules: { schedules, cursor, leader } }: {
    readonly page: PageInfo;
    readonly schedules: SchedulePage;
  },
): View {
  return (
    <Layout
      page={page}
      title="Schedules"
      section="/schedules"
      live={["schedules", "stats"]}
    >
      <div class="head">
        <h1>Schedules</h1>
        {leader !== null && <p>sent by {leader}</p>}
        {page.canAct && (
          <span class="actions">
            <a class="btn first" href={page.url("/schedules/new")}>
              <Icon name="plus" size={14} /> New schedule
            </a>
          </span>
        )}
      </div>
      <LiveRegion>
        {leader === null && schedules.length > 0 && (
          <Banner kind="failed">
            No beat is running: nothing of this is sent. Start one with{" "}
            <code>lovage beat</code> or <code>lovage worker -B</code>.
          </Banner>
        )}
        {schedules.length === 0 ? <NoSchedules /> : (
          <Table
            caption="Schedules"
            cards
            columns={[
              { head: "Name" },
              { head: "Task" },
              { head: "When" },
              { head: "Next", num: true },
              { head: "Last", num: true },
              { head: "Runs", num: true },
              { head: "Actions", unseen: true },
            ]}
          >
            {schedules.map((each) => <Row schedule={each} />)}
          </Table>
        )}
        <Pager
          count={schedules.length}
          first={null}
          next={cursor === null ? null : path("/schedules", { cursor })}
          nextText="More"
        />
      </LiveRegion>
    </Layout>
  );
}

function NoSchedules(): View {
  const { url, canAct } = usePage();
  return (
    <div class="table">
      <Empty icon="scheduled" title="Nothing is scheduled">
        Entries stand in <code>beatSchedule</code> of your app
        {!canAct ? "." : (
          <>
            , or are <a href={url("/schedules/new")}>added here</a>.
          </>
        )}
      </Empty>
    </div>
  );
}

function Row({ schedule }: { readonly schedule: ScheduleRow }): View {
  const { url } = usePage();
  const { name, skippedRuns, missedRuns } = schedule;
  return (
    <tr>
      <td class="name">
        <a class="row plain strong" href={url(schedulePath(name))} title={name}>
          {name}
        </a>{" "}
        {!schedule.enabled && <span class="tag">Disabled</span>}
        {schedule.description !== "" && (
          <div class="small muted">{schedule.description}</div>
        )}
      </td>
      <td class="name" data-label="Task">{schedule.task}</td>
      <td class="name" data-label="When">
        {schedule.when}
        {schedule.timezone !== "UTC" && (
          <div class="small muted">{schedule.timezone}</div>
        )}
      </td>
      <td class="num" data-label="Next">
        {schedule.enabled
          ? <Time at={schedule.nextRunAt} />
          : <span class="muted">–</span>}
      </td>
      <td class="num" data-label="Last">
        {schedule.lastTaskId === null
          ? <Time at={schedule.lastRunAt} />
          : (
            <a class="plain" href={url(taskPath(schedule.lastTaskId))}>
              <Time at={schedule.lastRunAt} />
            </a>
          )}
      </td>
      <td class="num" data-label="Runs">
        {number(schedule.totalRuns)}
        {skippedRuns + missedRuns > 0 && (
          <div class="small muted">
            {number(skippedRuns + missedRuns)} left out
          </div>
        )}
      </td>
      <td class="acts">
        <div class="actions">
          <Act
            name="schedules.run"
            fields={{ name }}
            label="Run now"
            icon="play"
            about={`Run now: ${name}`}
            tiny
          />
          <Switch schedule={schedule} tiny />
        </div>
      </td>
    </tr>
  );
}

/** Switches an entry off, or on again. */
export function Switch(
  { schedule: { name, enabled }, tiny = false }: {
    readonly schedule: ScheduleRow;
    readonly tiny?: boolean;
  },
): View {
  return (
    <Act
      name={enabled ? "schedules.disable" : "schedules.enable"}
      fields={{ name }}
      label={enabled ? "Disable" : "Enable"}
      icon={enabled ? "pause" : "play"}
      about={`${enabled ? "Disable" : "Enable"} ${name}`}
      tiny={tiny}
    />
  );
}
