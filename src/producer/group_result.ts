/**
 * A handle on a group that was sent: wait for it, watch it, revoke it.
 *
 * @module
 */

import type { ResultRecord } from "../contracts/result_backend.ts";
import { LovageError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { groupId } from "../message/ids.ts";
import { decode, encode } from "../message/json_codec.ts";
import { Arrivals } from "./arrivals.ts";
import { AsyncResult } from "./async_result.ts";
import { collectAll, type Collected, endedInOrder } from "./collect.ts";
import { checkGet, type GetOptions } from "./get_options.ts";
import { valueOf } from "./result_value.ts";
import { revoke, type RevokeOptions } from "./revoke.ts";

/** The state of the record that a group is saved as. */
const SAVED = "GROUP";
/** How many ids one call asks about. */
const PAGE = 1_000;

/** The members of a group as they are saved. */
type SavedMembers = readonly (string | SavedGroup)[];

interface SavedGroup {
  readonly id: string;
  readonly members: SavedMembers;
}

/** A member of a group: a task, or a group in the group. */
export type GroupMember = AsyncResult<unknown> | GroupResult<unknown>;

/**
 * A handle on a group that was sent: it waits for the results of its members.
 *
 * @typeParam R the list of the results of its members
 */
export class GroupResult<R = unknown> implements AsyncIterable<GroupMember> {
  /** The group's id. */
  readonly id: string;
  /** Its members, in the order of their results. */
  readonly results: readonly GroupMember[];
  /** What it follows, where that is known here. */
  readonly parent: AsyncResult<unknown> | GroupResult<unknown> | null;
  readonly #ownApp: Internals | null;

  /** Use `group(…).delay()`, or `app.GroupResult(id)` for a saved one. */
  constructor(
    app: Internals | null,
    id: string,
    results: readonly GroupMember[],
    parent: AsyncResult<unknown> | GroupResult<unknown> | null = null,
  ) {
    this.#ownApp = app;
    this.id = id;
    this.results = results;
    this.parent = parent;
  }

  /** The result of a group without members, which belongs to no app. */
  static empty(): GroupResult<[]> {
    return new GroupResult<[]>(null, groupId(), []);
  }

  /** How many members it has. */
  get length(): number {
    return this.results.length;
  }

  /** Its members, as Celery calls them. */
  get children(): readonly GroupMember[] {
    return this.results;
  }

  /**
   * Waits until all members have ended and returns their results, in their
   * order.
   *
   * @throws the error of the first member that failed, once it is its turn;
   * with `propagate: false` it stands in the list instead
   * @throws {TimeoutError} when the time is over before
   * @throws {LovageError} inside a task, unless that is allowed, and when the
   * app is closed
   */
  async get(options: GetOptions = {}): Promise<R> {
    checkGet("get()", `group ${this.id}`, options);
    const values: unknown[] = [];
    const results = [...tasksOf(this)];
    for await (const [, record] of endedInOrder(results, "get()", options)) {
      values.push(valueOf(record, options));
    }
    return nested(this, values.values()) as R;
  }

  /** The same, as Celery calls it. */
  join(options: GetOptions = {}): Promise<R> {
    return this.get(options);
  }

  /**
   * Goes through its members and all that they led to, breadth first, and
   * waits for each that has not ended. The timeout is for all of them together.
   *
   * @throws the error of the first task that failed; with `propagate: false`
   * it is the value instead
   * @throws what {@linkcode GroupResult.get} throws
   */
  collect(options: GetOptions = {}): AsyncGenerator<Collected> {
    checkGet("collect()", `group ${this.id}`, options);
    return collectAll([...tasksOf(this)], options);
  }

  /**
   * Its members as they end, whatever their order; a member that failed has
   * ended as well.
   *
   * @throws {TimeoutError} when the time is over before all have ended
   * @throws {LovageError} inside a task, unless that is allowed, and when the
   * app is closed
   */
  async *iterate(
    options: Omit<GetOptions, "propagate"> = {},
  ): AsyncGenerator<GroupMember> {
    checkGet("iterate()", `group ${this.id}`, options);
    options.signal?.throwIfAborted();
    // All are looked at again in one call: the more, the less often.
    const interval = options.interval ?? Math.max(1, this.length / PAGE);
    const ended = new Arrivals<GroupMember>();
    // A signal for each: one that has many listeners is slow.
    const waits = this.results.map((member) => {
      const wait = new AbortController();
      const { signal } = wait;
      member.get({ ...options, interval, signal, propagate: false }).then(
        () => ended.add(member),
        (error) => ended.fail(error),
      );
      return wait;
    });
    const leave = () => {
      for (const wait of waits) wait.abort(options.signal?.reason);
    };
    options.signal?.addEventListener("abort", leave, { once: true });
    try {
      for (let told = 0; told < this.length; told++) yield await ended.next();
    } finally {
      options.signal?.removeEventListener("abort", leave);
      leave();
    }
  }

  /** Its members as they end: {@linkcode GroupResult.iterate}. */
  [Symbol.asyncIterator](): AsyncGenerator<GroupMember> {
    return this.iterate();
  }

  /** How many tasks of it have succeeded. */
  async completedCount(): Promise<number> {
    return await this.#count((record) => record?.state === "SUCCESS");
  }

  /** Whether all members have ended. */
  async ready(): Promise<boolean> {
    return await this.#count((record) => record?.ended !== true) === 0;
  }

  /** Whether all members have succeeded. */
  async successful(): Promise<boolean> {
    return await this.#count((record) => record?.state !== "SUCCESS") === 0;
  }

  /** Whether any member has failed. */
  async failed(): Promise<boolean> {
    return await this.#count((record) => record?.state === "FAILURE") > 0;
  }

  /** Whether any member has not ended yet. */
  async waiting(): Promise<boolean> {
    return !await this.ready();
  }

  /** Revokes all members. */
  async revoke(options: RevokeOptions = {}): Promise<void> {
    for (const page of this.#pages()) {
      await revoke(this.#app, page.map(idOf), options);
    }
  }

  /** Drops what is stored of its members, and of itself. */
  async forget(): Promise<void> {
    const { backend } = await this.#app.stores.open();
    for (const page of this.#pages()) {
      await backend.results.forget(page.map(idOf));
    }
    await backend.results.forget([this.id]);
  }

  /** Keeps the list of its members, so that `app.GroupResult(id)` finds it. */
  async save(): Promise<void> {
    const { backend } = await this.#app.stores.open();
    const now = this.#app.clock().now();
    const { resultExpires } = this.#app.settings();
    await backend.results.store([{
      id: this.id,
      state: SAVED,
      ended: false,
      task: "lovage.group",
      worker: null,
      updatedAt: now,
      expiresAt: resultExpires === null ? null : now + resultExpires,
      value: encode(this.toJSON().members, "members"),
      error: null,
      meta: "{}",
    }]);
  }

  /** The ids, so that it can be kept as JSON. */
  toJSON(): { readonly id: string; readonly members: readonly unknown[] } {
    return {
      id: this.id,
      members: this.results.map((each) => each.toJSON()),
    };
  }

  /**
   * A group that was saved.
   *
   * @throws {LovageError} when there is none of this id
   */
  static async restore<R>(
    app: Internals,
    id: string,
  ): Promise<GroupResult<R>> {
    const { backend } = await app.stores.open();
    const [record] = await backend.results.fetch([id]);
    if (record?.state !== SAVED || record.value === null) {
      throw new LovageError(
        `No group ${id} is saved: call save() on the result of the group, and look before its results expire`,
      );
    }
    return restored(app, {
      id,
      members: decode(record.value) as SavedMembers,
    });
  }

  get #app(): Internals {
    if (this.#ownApp !== null) return this.#ownApp;
    throw new LovageError(
      "A group without members belongs to no app, so that it is kept nowhere",
    );
  }

  async #count(
    matches: (record: ResultRecord | undefined) => boolean,
  ): Promise<number> {
    let count = 0;
    for (const page of this.#pages()) {
      count += (await AsyncResult.recordsOf(page)).filter(matches).length;
    }
    return count;
  }

  *#pages(): Generator<readonly AsyncResult<unknown>[]> {
    const results = [...tasksOf(this)];
    for (let from = 0; from < results.length; from += PAGE) {
      yield results.slice(from, from + PAGE);
    }
  }
}

/** All tasks of a group, those of groups in it as well. */
function* tasksOf(
  group: GroupResult<unknown>,
): Generator<AsyncResult<unknown>> {
  for (const each of group.results) {
    if (each instanceof GroupResult) yield* tasksOf(each);
    else yield each;
  }
}

/** The values of its tasks in lists, as they are in groups. */
function nested(
  group: GroupResult<unknown>,
  values: Iterator<unknown>,
): unknown[] {
  return group.results.map((each) =>
    each instanceof GroupResult ? nested(each, values) : values.next().value
  );
}

function idOf({ id }: AsyncResult<unknown>): string {
  return id;
}

function restored<R>(
  app: Internals,
  { id, members }: SavedGroup,
): GroupResult<R> {
  return new GroupResult<R>(
    app,
    id,
    members.map((each) =>
      typeof each === "string"
        ? new AsyncResult<unknown>(app, each)
        : restored<unknown>(app, each)
    ),
  );
}
