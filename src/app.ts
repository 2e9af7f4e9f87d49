/**
 * The app: where tasks, settings and stores meet.
 *
 * @module
 */

import type { Beat } from "./beat/beat.ts";
import type { BeatOptions } from "./beat/start.ts";
import { type AnyCanvas, canvasFromJson } from "./canvas/from_json.ts";
import type { Part, ResultsOf } from "./canvas/types.ts";
import { composeApp } from "./compose.ts";
import type { Config } from "./config.ts";
import { configFromEnv, configFromObject } from "./config_sources.ts";
import type { TaskContext } from "./context.ts";
import type { CheckReport } from "./control/check/finding.ts";
import { Control } from "./control/control.ts";
import { Events } from "./control/events.ts";
import type { Explanation } from "./control/explain/explanation.ts";
import { SentEvents } from "./control/sent_events.ts";
import { type Environment, processEnvironment } from "./environment.ts";
import { ConfigError } from "./errors.ts";
import {
  checkEventName,
  checkMiddleware,
  type EventListener,
  type EventName,
  type Middleware,
} from "./events.ts";
import { type Internals, registerInternals } from "./internals.ts";
import {
  loadBeats,
  loadCheck,
  loadDiscovery,
  loadDrain,
  loadExplain,
  loadWorkers,
  whoSends,
} from "./lazy_rooms.ts";
import type { CanvasJson } from "./message/canvas_json.ts";
import type { SignatureJson } from "./message/signature_json.ts";
import { show } from "./options.ts";
import { printableSettings } from "./printable.ts";
import { AsyncResult } from "./producer/async_result.ts";
import {
  type CallOptions,
  checkCallOptions,
  checkTaskName,
  type SendManyOptions,
} from "./producer/call_options.ts";
import { GroupResult } from "./producer/group_result.ts";
import type { Producer } from "./producer/producer.ts";
import { Results } from "./producer/results.ts";
import { Signature, signatureFromJson } from "./producer/signature.ts";
import { Schedules } from "./schedules/schedules.ts";
import type { PeriodicTaskOptions } from "./schedules/static_entries.ts";
import type { ScheduleLike } from "./schedules/timing/to_schedule.ts";
import { resolveConfig, type Settings } from "./settings.ts";
import { joinSharedTasks } from "./shared_task.ts";
import {
  type AnyTask,
  createTask,
  type PlainTaskOptions,
  type SchemaInputs,
  type SchemaOutputs,
  type SchemaResult,
  type SchemaReturn,
  type SchemaTaskOptions,
  type Task,
  type TaskFunction,
} from "./task.ts";
import type { Known } from "./task_limits.ts";
import type { TaskOptions, TaskSchema } from "./task_options.ts";
import type { Drained, DrainOptions } from "./worker/drain.ts";
import type { Worker } from "./worker/worker.ts";
import type { WorkerOptions } from "./worker/worker_options.ts";

export type { AnyCanvas } from "./canvas/from_json.ts";

/**
 * An app: defines tasks, sends them, and runs workers for them.
 *
 * @example Define a task, send it, wait for it
 * ```ts
 * import { Lovage } from "@lovage/lovage";
 * import { assertEquals } from "@std/assert";
 *
 * await using app = new Lovage("shop", { brokerUrl: "memory://" });
 * const add = app.task("math.add", (a: number, b: number) => a + b);
 *
 * await using worker = await app.worker({ pool: "async" });
 * const result = await add.delay(2, 3);
 * assertEquals(await result.get({ timeout: "10s" }), 5);
 * ```
 */
export class Lovage {
  /** The app's name. */
  readonly name: string;
  /** Finds and counts results that are kept. */
  readonly results: Results;
  /** Steers and questions running workers. */
  readonly control: Control;
  /** What happens in workers, as it happens. */
  readonly events: Events;
  /** What beat sends again and again, as it stands in the store. */
  readonly schedules: Schedules;
  readonly #workers = new Set<Worker>();
  readonly #beats = new Set<Beat>();
  readonly #internals: Internals;
  readonly #tasks: Map<string, AnyTask>;
  readonly #middleware: Middleware[];
  readonly #producer: Producer;
  #sent: SentEvents | null = null;
  #config: Config;
  #settings: Settings;

  /**
   * Makes an app. Nothing is connected before it is needed.
   *
   * @param name the app's name, for logs and banners
   * @param config its settings; without any, tasks wait in `./lovage.db`
   * @throws {ConfigError} for an unknown setting or a value that will not do
   */
  constructor(name: string, config: Config = {}) {
    if (typeof name !== "string" || name === "") {
      throw new ConfigError(
        `An app needs a name, such as new Lovage("shop"), but was given ${
          show(name)
        }`,
      );
    }
    this.name = name;
    this.#config = config;
    this.#settings = resolveConfig(config);
    const { internals, tasks, middleware } = composeApp(
      name,
      () => this.#settings,
    );
    this.#internals = internals;
    this.#tasks = tasks;
    this.#middleware = middleware;
    this.#producer = internals.producer;
    this.results = new Results(internals);
    this.schedules = new Schedules(internals);
    this.control = new Control(internals);
    this.events = new Events(internals);
    internals.staticEntries.check(this.#settings.beatSchedule);
    this.#tellSent();
    registerInternals(this, internals);
    joinSharedTasks(tasks, internals.producer);
  }

  /** The settings in force, as people may see them: secrets are masked. */
  get conf(): Readonly<Record<string, unknown>> {
    return printableSettings(this.#settings);
  }

  /** The registered tasks, by name. */
  get tasks(): ReadonlyMap<string, AnyTask> {
    return this.#tasks;
  }

  /**
   * Adds settings to those that the app has.
   *
   * @throws {ConfigError} for an unknown setting, a value that will not do, or
   * once the stores are open
   */
  configure(config: Config): void {
    if (this.#internals.stores.opened !== null) {
      throw new ConfigError(
        `App "${this.name}" is in use already: configure it before the first task is sent`,
      );
    }
    const merged = { ...this.#config, ...config };
    const settings = resolveConfig(merged);
    this.#internals.staticEntries.check(settings.beatSchedule);
    this.#settings = settings;
    this.#config = merged;
    this.#producer.reset();
    this.#tellSent();
  }

  /**
   * Takes settings from an object, of which those with the namespace count:
   * with `"LOVAGE"`, `LOVAGE_BROKER_URL` is `brokerUrl`.
   *
   * @throws {ConfigError} for an unknown setting or a value that will not do
   */
  configFromObject(
    source: Readonly<Record<string, unknown>>,
    options: { readonly namespace?: string | undefined } = {},
  ): void {
    this.configure(configFromObject(source, options.namespace));
  }

  /**
   * Takes settings from environment variables: `LOVAGE_BROKER_URL` is
   * `brokerUrl`.
   *
   * @param env the variables; those of the process by default
   * @throws {ConfigError} for an unknown setting or a value that will not do
   */
  configFromEnv(
    env: Environment = processEnvironment(),
  ): void {
    this.configure(configFromEnv(env));
  }

  /** Defines a task. */
  task<Args extends readonly unknown[], R>(
    name: string,
    fn: (...args: Args) => R,
  ): Task<Args, Awaited<R>>;
  /** Defines a task whose arguments and result are typed by schemas, with its context first. */
  task<
    const S extends TaskSchema,
    R extends SchemaReturn<S> | Promise<SchemaReturn<S>>,
  >(
    name: string,
    options: SchemaTaskOptions<S> & { readonly bind: true },
    fn: (self: TaskContext, ...args: SchemaOutputs<S>) => R,
  ): Task<SchemaInputs<S>, SchemaResult<S, R>>;
  /** Defines a task whose arguments and result are typed by schemas. */
  task<
    const S extends TaskSchema,
    R extends SchemaReturn<S> | Promise<SchemaReturn<S>>,
  >(
    name: string,
    options: SchemaTaskOptions<S> & { readonly bind?: false },
    fn: (...args: SchemaOutputs<S>) => R,
  ): Task<SchemaInputs<S>, SchemaResult<S, R>>;
  /** Defines a task with options, with its context first. */
  task<Args extends readonly unknown[], R>(
    name: string,
    options: PlainTaskOptions & { readonly bind: true },
    fn: (self: TaskContext, ...args: Args) => R,
  ): Task<Args, Awaited<R>>;
  /** Defines a task with options. */
  task<Args extends readonly unknown[], R>(
    name: string,
    options: PlainTaskOptions<Known<Args>> & { readonly bind?: false },
    fn: (...args: Args) => R,
  ): Task<Args, Awaited<R>>;
  task(
    name: string,
    optionsOrFn: TaskOptions | TaskFunction,
    fn?: TaskFunction,
  ): AnyTask {
    const task = typeof optionsOrFn === "function"
      ? createTask(this.#producer, name, {}, optionsOrFn)
      : createTask(this.#producer, name, optionsOrFn, fn as TaskFunction);
    if (this.#tasks.has(name)) {
      throw new ConfigError(
        `A task named "${name}" is registered already: task names are unique in an app`,
      );
    }
    this.#tasks.set(name, task);
    return task;
  }

  /** Sends a task by its name; its code may be elsewhere. */
  sendTask<R = unknown>(
    name: string,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): Promise<AsyncResult<R>> {
    checkTaskName(name);
    checkCallOptions(name, options);
    return this.#producer.send<R>(name, args, options);
  }

  /**
   * Sends many signatures and canvases together: all are accepted, or none.
   * (Where chords are among them, more than 1,000 tasks go in several parts.)
   */
  sendMany<const S extends readonly Part<[], unknown>[]>(
    parts: S,
    options: SendManyOptions = {},
  ): Promise<ResultsOf<S>> {
    checkCallOptions("sendMany()", options);
    return this.#producer.sendMany(parts, options) as Promise<
      ResultsOf<S>
    >;
  }

  /**
   * Sends tasks once a transaction of your own database has committed, and
   * not if it is rolled back. They are kept in the `outbox` until a worker
   * relays them; where tasks wait in that database themselves, they are sent
   * within the transaction. The same as `sendMany(parts, { tx })`.
   *
   * @param tx the transaction: of postgres.js, or what has `query(text, params)`
   * @throws {ConfigError} when there is no outbox
   * @throws {StoreError} for what is no transaction of that database
   */
  onCommit<const S extends readonly Part<[], unknown>[]>(
    tx: unknown,
    ...parts: S
  ): Promise<ResultsOf<S>> {
    checkCallOptions("onCommit()", { tx });
    return this.#producer.onCommit(tx, parts) as Promise<ResultsOf<S>>;
  }

  /**
   * Adds an entry to the schedule, in code, as the setting `beatSchedule`
   * does. It is stored when a beat of this app starts; what is taken out of
   * the code is then removed.
   *
   * @example A report each morning
   * ```ts
   * import { crontab, Lovage } from "@lovage/lovage";
   * import { assertEquals } from "@std/assert";
   *
   * await using app = new Lovage("shop", { brokerUrl: "memory://" });
   * const report = app.task("reports.send", (to: string) => `to ${to}`);
   * const name = app.addPeriodicTask(
   *   crontab({ hour: 7, minute: 30, dayOfWeek: "mon-fri" }),
   *   report.s("boss@example.com"),
   *   { timezone: "Europe/Berlin" },
   * );
   * assertEquals(name, "reports.send");
   * ```
   *
   * @param schedule when: a period such as `"10s"`, a cron expression,
   * `crontab()`, `cron()`, `every()`, `clocked()` or `solar()`
   * @param signature what is sent
   * @returns the name of the entry: the task's, unless one is given
   * @throws {ScheduleError} when it will not do, or there is one of its name
   */
  addPeriodicTask(
    schedule: ScheduleLike,
    signature: Signature<[], unknown>,
    options: PeriodicTaskOptions = {},
  ): string {
    return this.#internals.staticEntries.add(schedule, signature, options);
  }

  /** A signature by the task's name, or from its JSON. */
  signature<R = unknown>(
    task: string | SignatureJson,
    args: readonly unknown[] = [],
    options: CallOptions = {},
  ): Signature<[], R> {
    if (typeof task === "string") {
      checkTaskName(task);
      return new Signature<[], R>(this.#producer, task, args, options);
    }
    return signatureFromJson(this.#producer, task) as Signature<[], R>;
  }

  /**
   * A signature, chain, group or chord from its JSON. What it returns, and
   * that its first tasks have all their arguments, is for you to know.
   *
   * @throws {DecodeError} saying where it is no canvas
   * @throws {ConfigError} when an option in it will not do
   */
  canvas<R = unknown>(json: CanvasJson): AnyCanvas<R> {
    return canvasFromJson<R>(this.#producer, json);
  }

  /** A handle on a task by its id. */
  AsyncResult<R = unknown>(id: string): AsyncResult<R> {
    return new AsyncResult<R>(this.#internals, id);
  }

  /**
   * A group that was saved by its `save()`.
   *
   * @throws {LovageError} when there is none of this id
   */
  GroupResult<R = unknown>(id: string): Promise<GroupResult<R>> {
    return GroupResult.restore<R>(this.#internals, id);
  }

  /**
   * Loads the modules that match, so that their tasks are registered.
   *
   * @param globs paths from the working directory, such as `"./src/**\/tasks.ts"`
   * @returns the paths of the modules
   */
  async autodiscoverTasks(
    globs: string | readonly string[],
  ): Promise<readonly string[]> {
    const { discoverModules } = await loadDiscovery();
    return await discoverModules(typeof globs === "string" ? [globs] : globs);
  }

  /** Listens to an event. Returns a function that stops listening. */
  on<Name extends EventName>(
    event: Name,
    listener: EventListener<Name>,
  ): () => void {
    checkEventName(event);
    return this.#internals.hooks.on(event, listener);
  }

  /** Wraps publishing and running; what is given first is outermost. */
  use(middleware: Middleware): void {
    checkMiddleware(middleware);
    this.#middleware.push(middleware);
  }

  /**
   * Starts a worker in this process. Use it with `await using`, or stop it.
   *
   * @throws {ConfigError} for options that will not do
   * @throws {StoreError} when the store cannot be opened
   */
  async worker(options: WorkerOptions = {}): Promise<Worker> {
    const { startWorker } = await loadWorkers();
    const worker = await startWorker(this, options);
    this.#workers.add(worker);
    return worker;
  }

  /**
   * Works off what is ready, on this event loop, and then stops: for platforms
   * on which nothing runs for long.
   *
   * @example A function that a timer starts
   * ```ts
   * import { Lovage } from "@lovage/lovage";
   * import { assertEquals } from "@std/assert";
   *
   * await using app = new Lovage("shop", { brokerUrl: "memory://" });
   * const double = app.task("math.double", (n: number) => n * 2);
   * await double.delay(21);
   * const { ended, why } = await app.drain({ until: "25s", max: 1_000 });
   * assertEquals([ended, why], [{ success: 1 }, "empty"]);
   * ```
   *
   * @throws {ConfigError} for options that will not do
   * @throws {StoreError} when the store cannot be opened
   */
  async drain(options: DrainOptions = {}): Promise<Drained> {
    const { drain } = await loadDrain();
    return await drain(this, options);
  }

  /**
   * Starts a beat in this process: it sends what is due. Any number of them
   * may run, one leads. Use it with `await using`, or stop it.
   *
   * @throws {ConfigError} for options that will not do
   * @throws {ScheduleError} when a schedule entry of the code will not do
   * @throws {StoreError} when the store cannot be opened
   */
  async beat(options: BeatOptions = {}): Promise<Beat> {
    const { startBeat } = await loadBeats();
    const beat = await startBeat(this, options);
    this.#beats.add(beat);
    return beat;
  }

  /**
   * Says in sentences where a task is and why it does not run, from what the
   * stores know; a worker that holds it is asked how far it has come.
   *
   * @param id the id of a task or a group, or the name of a schedule entry
   * @throws {StoreError} when a store does not answer
   */
  async explain(id: string): Promise<Explanation> {
    const { explain } = await loadExplain();
    const findEntry = (name: string) => this.schedules.get(name);
    return await explain(this.#internals, findEntry, id);
  }

  /**
   * Goes through what production asks for, on the settings, the tasks, the
   * stores, the workers and the beats that there are.
   *
   * @throws {StoreError} when a store does not answer
   */
  async check(): Promise<CheckReport> {
    const { check } = await loadCheck();
    return await check(this.#internals);
  }

  /**
   * Stops the beats and, warmly, the workers, sends what is being sent, and
   * closes the stores. Who waits for a result waits no longer.
   */
  async close(): Promise<void> {
    const workers = [...this.#workers];
    this.#workers.clear();
    const beats = [...this.#beats];
    this.#beats.clear();
    await Promise.all(beats.map((beat) => beat.stop()));
    await Promise.all(workers.map((worker) => worker.stop()));
    await this.#producer.idle();
    this.#internals.telemetry.current?.flush();
    this.#internals.waiter.refuse();
    await this.#internals.waiter.close();
    await this.#sent?.close();
    await this.#internals.outbox.close();
    await this.#internals.stores.close();
  }

  // Without the setting nobody listens, and sending is as quick as may be.
  #tellSent(): void {
    if (!this.#settings.taskSendSentEvent || this.#sent !== null) return;
    const sent = this.#sent = new SentEvents(this.#internals, whoSends);
    this.#internals.hooks.on(
      "afterTaskPublish",
      ({ message }) => sent.tell(message),
    );
  }

  /** Closes the app at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
