/**
 * The pages.
 *
 * @module
 */

import { type Context, Hono } from "hono";
import { serveAsset } from "../assets/serve.ts";
import type { DashboardContext, DashboardEnv } from "../context.ts";
import { DeadLetterPage } from "./dead_letter.tsx";
import { DeadLettersPage } from "./dead.tsx";
import { draw, pageInfo } from "./draw.ts";
import { findPath } from "./find.ts";
import type { Section } from "./layout.tsx";
import { MissingPage } from "./missing.tsx";
import { OverviewPage } from "./overview.tsx";
import { patience } from "./patience.ts";
import { QueuePage } from "./queue.tsx";
import { QueuesPage } from "./queues.tsx";
import { SchedulePageOf } from "./schedule.tsx";
import { Preview, ScheduleFormPage } from "./schedule_form.tsx";
import { SchedulesPage } from "./schedules.tsx";
import { TaskPage } from "./task.tsx";
import { TasksPage } from "./tasks.tsx";
import { readTasksQuery, taskQueryOf } from "./tasks_query.ts";
import { WorkerPage } from "./worker.tsx";
import { WorkersPage } from "./workers.tsx";

const PAGE = 50;

/** All pages of a dashboard. */
export function pageRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  router.get(
    "/assets/:name",
    (c) => serveAsset(c.req.param("name"), c.req.raw),
  );
  router.use(patience(context));
  addOverview(router, context);
  addTasks(router, context);
  addQueues(router, context);
  addWorkers(router, context);
  addSchedules(router, context);
  addDead(router, context);
  return router;
}

type Router = Hono<DashboardEnv>;

function addOverview(router: Router, context: DashboardContext): void {
  router.get("/", async (c) => {
    const overview = await context.data.overview();
    const page = pageInfo(context, c);
    return draw(c, <OverviewPage page={page} overview={overview} />);
  });
  router.get("/find", async (c) => {
    const path = await findPath(context.data, c.req.query("q") ?? "");
    return c.redirect(context.url(path), 303);
  });
}

function addTasks(router: Router, context: DashboardContext): void {
  const { data } = context;
  router.get("/tasks", async (c) => {
    const page = pageInfo(context, c);
    const query = readTasksQuery(new URL(c.req.url).searchParams);
    const [tasks, counts, names, queues, workers] = await Promise.all([
      data.tasks({ ...taskQueryOf(query, page.now), limit: PAGE }),
      data.counts(),
      data.taskNames(),
      data.queues(),
      data.workers(),
    ]);
    return draw(
      c,
      <TasksPage
        page={page}
        query={query}
        tasks={tasks}
        counts={counts}
        names={names}
        queues={queues.map(({ name }) => name)}
        workers={workers.map(({ name }) => name)}
      />,
    );
  });
  router.get("/tasks/:id", async (c) => {
    const id = c.req.param("id");
    const [task, explanation, tree] = await Promise.all([
      data.task(id),
      data.explain(id),
      data.tree(id),
    ]);
    const page = pageInfo(context, c);
    if (task === null) {
      return missing(
        context,
        c,
        "/tasks",
        `Nothing is known of task ${id}`,
        explanation.sentences.join(". "),
      );
    }
    return draw(
      c,
      <TaskPage
        page={page}
        task={task}
        explanation={explanation}
        tree={tree}
      />,
    );
  });
}

function addQueues(router: Router, context: DashboardContext): void {
  const { data } = context;
  router.get("/queues", async (c) => {
    const queues = await data.queues();
    const page = pageInfo(context, c);
    return draw(c, <QueuesPage page={page} queues={queues} />);
  });
  router.get("/queues/:name", async (c) => {
    const name = c.req.param("name");
    const [queue, history] = await Promise.all([
      data.queue(name),
      data.history({ queue: name }),
    ]);
    if (queue === null) {
      return missing(
        context,
        c,
        "/queues",
        `There is no queue ${name}`,
        "A queue is there with its first task, or with a worker that serves it.",
      );
    }
    const page = pageInfo(context, c);
    return draw(
      c,
      <QueuePage page={page} queue={queue} history={history} />,
    );
  });
}

function addWorkers(router: Router, context: DashboardContext): void {
  const { data } = context;
  router.get("/workers", async (c) => {
    const [workers, unanswering] = await Promise.all([
      data.workers(),
      data.unanswering(),
    ]);
    return draw(
      c,
      <WorkersPage
        page={pageInfo(context, c)}
        workers={workers}
        unanswering={unanswering}
      />,
    );
  });
  router.get("/workers/:name", async (c) => {
    const name = c.req.param("name");
    const worker = await data.worker(name);
    if (worker === null) {
      return missing(
        context,
        c,
        "/workers",
        `There is no worker ${name}`,
        "It was shut down, or it has been silent for longer than its lease.",
      );
    }
    const page = pageInfo(context, c);
    return draw(c, <WorkerPage page={page} worker={worker} />);
  });
}

function addSchedules(router: Router, context: DashboardContext): void {
  const { data } = context;
  router.get("/schedules", async (c) => {
    const schedules = await data.schedules({
      limit: PAGE,
      cursor: c.req.query("cursor"),
    });
    const page = pageInfo(context, c);
    return draw(c, <SchedulesPage page={page} schedules={schedules} />);
  });
  router.get("/schedules/new", (c) => scheduleForm(context, c, null));
  router.get("/schedules/preview", async (c) => {
    const schedule = c.req.query("schedule")?.trim() ?? "";
    const timezone = c.req.query("timezone")?.trim() || undefined;
    const preview = schedule === ""
      ? null
      : await data.previewSchedule({ schedule, timezone });
    return c.html(await <Preview preview={preview} />);
  });
  router.get("/schedules/:name", async (c) => {
    const name = c.req.param("name");
    const schedule = await data.schedule(name);
    if (schedule === null) return noSchedule(context, c, name);
    const page = pageInfo(context, c);
    return draw(c, <SchedulePageOf page={page} schedule={schedule} />);
  });
  router.get(
    "/schedules/:name/edit",
    (c) => scheduleForm(context, c, c.req.param("name")),
  );
}

async function scheduleForm(
  context: DashboardContext,
  c: Context<DashboardEnv>,
  name: string | null,
): Promise<Response> {
  const { data } = context;
  const [schedule, tasks, queues] = await Promise.all([
    name === null ? null : data.schedule(name),
    data.taskNames(),
    data.queues(),
  ]);
  if (name !== null && schedule === null) return noSchedule(context, c, name);
  return draw(
    c,
    <ScheduleFormPage
      page={pageInfo(context, c)}
      schedule={schedule}
      preview={schedule === null
        ? null
        : { when: schedule.when, next: schedule.next, error: null }}
      tasks={tasks}
      queues={queues.map((queue) => queue.name)}
      zones={Intl.supportedValuesOf("timeZone")}
    />,
  );
}

function noSchedule(
  context: DashboardContext,
  c: Context<DashboardEnv>,
  name: string,
): Promise<Response> {
  return missing(
    context,
    c,
    "/schedules",
    `There is no schedule ${name}`,
    "It was removed, or it was never there.",
  );
}

function addDead(router: Router, context: DashboardContext): void {
  const { data } = context;
  router.get("/dead", async (c) => {
    const cursor = c.req.query("cursor");
    const dead = await data.deadLetters({ limit: PAGE, cursor });
    const first = cursor === undefined;
    const page = pageInfo(context, c);
    return draw(
      c,
      <DeadLettersPage
        page={page}
        dead={dead}
        total={first && dead.cursor === null ? dead.letters.length : null}
        first={first}
      />,
    );
  });
  router.get("/dead/:key", async (c) => {
    const letter = await data.deadLetter(c.req.param("key"));
    if (letter === null) {
      return missing(
        context,
        c,
        "/dead",
        "This dead letter is not there any more",
        "It was put back into its queue, or dropped.",
      );
    }
    const page = pageInfo(context, c);
    return draw(c, <DeadLetterPage page={page} letter={letter} />);
  });
}

function missing(
  context: DashboardContext,
  c: Context<DashboardEnv>,
  section: Section,
  title: string,
  text: string,
): Promise<Response> {
  return draw(
    c,
    <MissingPage page={pageInfo(context, c)} section={section} title={title}>
      {text}
    </MissingPage>,
    404,
  );
}
