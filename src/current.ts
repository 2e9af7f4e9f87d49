/**
 * The task that is running here, for what it sends: parents, priorities and
 * the refusal to wait inside a task.
 *
 * @module
 */

/** The running task, as those that it sends see it. */
export interface CurrentTask {
  /** Its id. */
  readonly id: string;
  /** The id of the first task of its line. */
  readonly rootId: string;
  /** Its name. */
  readonly task: string;
  /** Its priority. */
  readonly priority: number;
  /** Ids of the tasks that it sent. */
  readonly children: string[];
}

/** Keeps the running task over awaits. */
export interface CurrentStorage {
  /** Runs a function with this task as the current one. */
  run<T>(task: CurrentTask, run: () => T): T;
  /** The current task. */
  getStore(): CurrentTask | undefined;
}

// An isolate runs one task at a time: there a variable is exact. Where many
// run at a time, the pool installs an AsyncLocalStorage.
class SingleStorage implements CurrentStorage {
  #current: CurrentTask | undefined;

  run<T>(task: CurrentTask, run: () => T): T {
    this.#current = task;
    return run();
  }

  getStore(): CurrentTask | undefined {
    return this.#current;
  }

  leave(outer: CurrentTask | undefined): void {
    this.#current = outer;
  }
}

const single = new SingleStorage();
let storage: CurrentStorage = single;

/** Installs what keeps the current task. */
export function useCurrentStorage(installed: CurrentStorage): void {
  storage = installed;
}

/** The task that is running here. */
export function currentTask(): CurrentTask | undefined {
  return storage.getStore();
}

/** Runs a function with this task as the current one. */
export function withCurrentTask<T>(task: CurrentTask, run: () => T): T {
  return storage.run(task, run);
}

/**
 * Says that the current task has ended.
 *
 * @param outer the task inside which it ran
 */
export function leaveCurrentTask(outer: CurrentTask | undefined): void {
  single.leave(outer);
}
