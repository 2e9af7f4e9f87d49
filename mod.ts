/**
 * Lovage is a distributed task queue for TypeScript: typed tasks, retries,
 * time limits that really stop runaway code, routing, and results, on the
 * store that you already run.
 *
 * @example A task, a worker, a result
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { assertEquals } from "@std/assert";
 *
 * await using app = new Lovage("shop", { brokerUrl: "memory://" });
 * const resize = app.task(
 *   "images.resize",
 *   (path: string, width: number) => `${path}@${width}`,
 * );
 *
 * await using worker = await app.worker({ pool: "async" });
 * const result = await resize.delay("a.png", 640);
 * assertEquals(await result.get({ timeout: "10s" }), "a.png@640");
 * ```
 *
 * @module
 */

export * from "./src/app.ts";
export { Canvas } from "./src/canvas/canvas.ts";
export { Chain, chain } from "./src/canvas/chain.ts";
export { Chord, chord } from "./src/canvas/chord.ts";
export { chunks, map, starmap } from "./src/canvas/each.ts";
export { Group, group } from "./src/canvas/group.ts";
export type * from "./src/canvas/types.ts";
export * from "./src/errors.ts";
export type { Environment } from "./src/environment.ts";
export type { Config, PoolName } from "./src/config.ts";
export type { ResolvedUnits, Settings } from "./src/settings.ts";
export type { RetryPolicy } from "./src/retry_policy.ts";
export * from "./src/context.ts";
export type { InterruptReason } from "./src/interrupt.ts";
export type * from "./src/contracts/mod.ts";
export type {
  AppEvents,
  EventListener,
  EventName,
  Middleware,
  TaskEvent,
  WorkerEvent,
} from "./src/events.ts";
export type {
  Envelope,
  GivenOutcome,
  HeaderRef,
  UniqueCall,
} from "./src/message/envelope.ts";
export type { ChainRest } from "./src/message/later_steps.ts";
export type { EncodedArgs, RichMeta } from "./src/message/json_codec.ts";
export type { ResultMeta } from "./src/message/result_meta.ts";
export type {
  CanvasJson,
  ChainJson,
  ChordJson,
  GroupJson,
} from "./src/message/canvas_json.ts";
export type { SignatureJson } from "./src/message/signature_json.ts";
export type * from "./src/message/time.ts";
export type { Bytes, Rate } from "./src/options.ts";
export * from "./src/producer/async_result.ts";
export type {
  CallOptions,
  SendManyOptions,
} from "./src/producer/call_options.ts";
export { type GroupMember, GroupResult } from "./src/producer/group_result.ts";
export type { Launcher, LaunchOptions, Sender } from "./src/producer/sender.ts";
export type {
  FoundResult,
  ResultQuery,
  Results,
} from "./src/producer/results.ts";
export type {
  Route,
  RouteFunction,
  RouteRule,
  Routes,
} from "./src/producer/router.ts";
export type { Linkable } from "./src/producer/linkable.ts";
export { type AnySignature, Signature } from "./src/producer/signature.ts";
export type * from "./src/schedules/entry.ts";
export type { Schedules } from "./src/schedules/schedules.ts";
export type { PeriodicTaskOptions } from "./src/schedules/static_entries.ts";
export { clocked } from "./src/schedules/timing/clocked.ts";
export { cron, type CronOptions } from "./src/schedules/timing/cron.ts";
export {
  crontab,
  type CrontabField,
  type CrontabOptions,
} from "./src/schedules/timing/crontab.ts";
export {
  every,
  type IntervalOptions,
} from "./src/schedules/timing/interval.ts";
export type * from "./src/schedules/timing/schedule.ts";
export { solar } from "./src/schedules/timing/solar.ts";
export type { ScheduleLike } from "./src/schedules/timing/to_schedule.ts";
export { sharedTask } from "./src/shared_task.ts";
export type {
  AnyTask,
  First,
  Full,
  InputsOf,
  OutputsOf,
  PlainTaskOptions,
  Rest,
  SchemaInputs,
  SchemaOutputs,
  SchemaResult,
  SchemaReturn,
  SchemaTaskOptions,
  Task,
} from "./src/task.ts";
export type {
  ErrorType,
  Permissions,
  RetryKwargs,
  TaskHooks,
  TaskOptions,
  TaskSchema,
} from "./src/task_options.ts";
export type { TaskRequest } from "./src/task_request.ts";
export type { TaskPolicy } from "./src/task_policy.ts";
export type {
  ClusterRateLimit,
  ConcurrencyOptions,
  CountedBy,
  KeyOf,
  Known,
  LimitOptions,
  OnConflict,
  QueueLimits,
  TaskLimits,
  Unique,
  UniqueCallOptions,
  UniqueOptions,
} from "./src/task_limits.ts";
export type { AutoscaleRange } from "./src/control/autoscale.ts";
export type { Control } from "./src/control/control.ts";
export type * from "./src/control/cluster_state.ts";
export type { Events, EventStream } from "./src/control/events.ts";
export type * from "./src/control/facts.ts";
export type { Inspect, InspectMethod } from "./src/control/inspect.ts";
export type {
  CustomEventType,
  MonitorEvent,
  MonitorEventType,
} from "./src/control/monitor_event.ts";
export type { Destination } from "./src/control/protocol.ts";
export type { AskOptions } from "./src/control/remote.ts";
export type { Replies } from "./src/control/replies.ts";
export type { Beat, BeatTotals } from "./src/beat/beat.ts";
export type { BeatOptions } from "./src/beat/start.ts";
export type { Totals } from "./src/worker/executor.ts";
export type { WorkerPlan } from "./src/worker/plan.ts";
export type { StopMode } from "./src/worker/pool/pool.ts";
export type { WorkerHealth } from "./src/worker/health.ts";
export type { Worker } from "./src/worker/worker.ts";
export type { Drained, DrainOptions } from "./src/worker/drain.ts";
export type { Finish } from "./src/worker/quota.ts";
export type { WorkerOptions } from "./src/worker/worker_options.ts";
export type {
  CheckReport,
  Finding,
  FindingLevel,
} from "./src/control/check/finding.ts";
export type {
  Explanation,
  ExplanationLine,
  Gate,
  GateState,
  Whereabouts,
} from "./src/control/explain/explanation.ts";
export type { HeaderFilter } from "./src/producer/revocation.ts";
export type { RevokeOptions } from "./src/producer/revoke.ts";
export type { RevokedTask } from "./src/producer/revoke_by_headers.ts";
