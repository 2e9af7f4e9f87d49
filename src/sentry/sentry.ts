/**
 * Connects an app with a Sentry SDK.
 *
 * @module
 */

import type { Lovage } from "../app.ts";
import type { TaskContext } from "../context.ts";
import type { TaskRequest } from "../task_request.ts";
import type { Middleware } from "../events.ts";
import type { Envelope } from "../message/envelope.ts";
import { ENTRY_HEADER } from "../schedules/entry_header.ts";
import { checkOptions, isBoolean } from "../options.ts";
import { Monitors } from "./monitors.ts";
import type { SentrySdk } from "./sdk.ts";

/** What {@linkcode sentry} takes. */
export interface SentryOptions {
  /** Whether the arguments of tasks are sent along. @default {true} */
  readonly sendArguments?: boolean | undefined;
  /** Whether cron monitors are told of periodic tasks. @default {true} */
  readonly monitors?: boolean | undefined;
}

/** How long sending may take before a process ends (ms). */
const FLUSH = 1_500;

/** What is known of a run until it has ended. */
type Runs = Map<string, TaskRequest>;

/**
 * Reports what fails for good to Sentry, with the task's name, id, arguments,
 * retries and worker; traces tasks from the caller through the queue to their
 * runs; and tells cron monitors of periodic tasks. Call it in the module that
 * makes the app, after `Sentry.init()`, so that it holds for producers and
 * for workers.
 *
 * ```ts ignore
 * import * as Sentry from "npm:@sentry/deno";
 * import { Lovage } from "@lovage/lovage";
 * import { sentry } from "@lovage/lovage/sentry";
 *
 * Sentry.init({ dsn: "https://…@sentry.example.com/1", tracesSampleRate: 0.1 });
 * export const app = new Lovage("shop");
 * sentry(app, Sentry);
 * ```
 *
 * @param sdk the SDK that you have initialised
 * @throws {ConfigError} for an option that will not do
 */
export function sentry(
  app: Lovage,
  sdk: SentrySdk,
  options: SentryOptions = {},
): void {
  checkOptions("sentry()", options, {
    sendArguments: isBoolean,
    monitors: isBoolean,
  });
  const { sendArguments = true } = options;
  const monitors = options.monitors === false ? null : new Monitors(app, sdk);
  const runs: Runs = new Map();
  app.use({
    publish: (envelope, next) => published(sdk, envelope, next),
    run: (context, next) => ran(sdk, monitors, runs, context, next),
  });
  app.on("taskFailure", ({ taskId, task, error }) => {
    report(sdk, runs.get(taskId), { taskId, task, error, sendArguments });
  });
  app.on("taskPostrun", ({ taskId }) => runs.delete(taskId));
  const flush = async () => {
    await sdk.flush(FLUSH);
  };
  app.on("workerProcessShutdown", flush);
  app.on("workerShutdown", flush);
}

function published(
  sdk: SentrySdk,
  envelope: Envelope,
  next: Parameters<NonNullable<Middleware["publish"]>>[1],
): Promise<void> {
  const { id, task, queue, retries } = envelope;
  const publish = () => {
    const { "sentry-trace": trace, baggage } = sdk.getTraceData();
    const headers = {
      ...envelope.headers,
      ...(trace === undefined ? {} : { "sentry-trace": trace }),
      ...(baggage === undefined ? {} : { baggage }),
    };
    return next({ ...envelope, headers });
  };
  if (!isTracing(sdk)) return publish();
  return sdk.startSpan({
    name: task,
    op: "queue.publish",
    attributes: attributesOf(id, queue, retries),
  }, publish);
}

function ran(
  sdk: SentrySdk,
  monitors: Monitors | null,
  runs: Runs,
  { request }: TaskContext,
  next: () => Promise<unknown>,
): Promise<unknown> {
  runs.set(request.id, request);
  const { task, id, deliveryInfo: { queue }, retries, headers } = request;
  const name = headers[ENTRY_HEADER];
  const monitored = monitors === null || typeof name !== "string"
    ? next
    : () => watched(monitors, name, next);
  // A span that nobody takes would cost a third of all this.
  if (isLeftOut(headers) || !isTracing(sdk)) {
    return continued(sdk, request, monitored);
  }
  const attributes = attributesOf(id, queue, retries);
  return continued(sdk, request, () =>
    sdk.startSpan(
      { name: task, op: "queue.process", attributes },
      async (span) => {
        try {
          const result = await monitored();
          span.setStatus({ code: 1 });
          return result;
        } catch (error) {
          span.setStatus({ code: 2, message: "internal_error" });
          throw error;
        }
      },
    ));
}

/** Whether an SDK takes any trace; not to be told says that it may. */
function isTracing(sdk: SentrySdk): boolean {
  const options = sdk.getClient?.()?.getOptions();
  return options === undefined || Boolean(options.tracesSampler) ||
    (options.tracesSampleRate ?? null) !== null;
}

/** Whether who sent a task has decided that its trace is not taken. */
function isLeftOut(headers: TaskRequest["headers"]): boolean {
  const trace = headers["sentry-trace"];
  return typeof trace === "string" && trace.endsWith("-0");
}

async function watched(
  monitors: Monitors,
  entry: string,
  next: () => Promise<unknown>,
): Promise<unknown> {
  const end = await monitors.begin(entry);
  try {
    const result = await next();
    end?.("ok");
    return result;
  } catch (error) {
    end?.("error");
    throw error;
  }
}

/** In a scope of its own, and in the trace of who sent the task. */
function continued<T>(
  sdk: SentrySdk,
  { headers }: Pick<TaskRequest, "headers">,
  run: () => T,
): T {
  const text = (value: unknown) =>
    typeof value === "string" ? value : undefined;
  return sdk.withIsolationScope(() =>
    sdk.continueTrace({
      sentryTrace: text(headers["sentry-trace"]),
      baggage: text(headers["baggage"]),
    }, run)
  );
}

interface Failure {
  readonly taskId: string;
  readonly task: string;
  readonly error: unknown;
  readonly sendArguments: boolean;
}

/** @param request absent where the task could not tell of itself */
function report(
  sdk: SentrySdk,
  request: TaskRequest | undefined,
  { taskId, task, error, sendArguments }: Failure,
): void {
  continued(
    sdk,
    { headers: request?.headers ?? {} },
    () =>
      sdk.withIsolationScope((scope) => {
        scope.setTransactionName(task);
        scope.setTags({
          "lovage.task": task,
          "lovage.task_id": taskId,
          ...(request === undefined ? {} : {
            "lovage.queue": request.deliveryInfo.queue,
            "lovage.worker": request.hostname,
          }),
        });
        scope.setContext("lovage", {
          task,
          id: taskId,
          ...(request === undefined ? {} : {
            retries: request.retries,
            worker: request.hostname,
            queue: request.deliveryInfo.queue,
            losses: request.deliveryInfo.losses,
            rootId: request.rootId,
            ...(sendArguments ? { args: request.args } : {}),
          }),
        });
        sdk.captureException(error);
      }),
  );
}

function attributesOf(
  id: string,
  queue: string,
  retries: number,
): Record<string, string | number> {
  return {
    "messaging.system": "lovage",
    "messaging.message.id": id,
    "messaging.destination.name": queue,
    "messaging.message.retry.count": retries,
  };
}
