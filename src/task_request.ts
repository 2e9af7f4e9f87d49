/**
 * The call that a task runs for, as the task sees it.
 *
 * @module
 */

/** The call that a task runs for. */
export interface TaskRequest {
  /** The task's id. */
  readonly id: string;
  /** The task's name. */
  readonly task: string;
  /** The arguments. */
  readonly args: readonly unknown[];
  /** The keyword arguments; they are also the last argument. */
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Retries before this run. */
  readonly retries: number;
  /** Values that came beside the arguments. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** When it was to run. */
  readonly eta: Date | null;
  /** When it is not to be started any more. */
  readonly expires: Date | null;
  /** The first task of its line. */
  readonly rootId: string;
  /** The task that sent it. */
  readonly parentId: string | null;
  /** The group that it is a member of. */
  readonly group: string | null;
  /** Its place in the group. */
  readonly groupIndex: number | null;
  /** Whether a chord's body waits for its end. */
  readonly chord: boolean;
  /** In ms; `null` is none. */
  readonly softTimeLimit: number | null;
  /** In ms; `null` is none. */
  readonly timeLimit: number | null;
  /** How it came here. */
  readonly deliveryInfo: {
    readonly queue: string;
    readonly priority: number;
    readonly redelivered: boolean;
    readonly losses: number;
  };
  /** The node name of the worker. */
  readonly hostname: string;
  /** Whether it runs at the call, not in a worker. */
  readonly isEager: boolean;
  /** Whether its function was called directly. */
  readonly calledDirectly: boolean;
}

/** The request of a task whose function is called directly. */
export function directRequest(
  task: string,
  args: readonly unknown[],
): TaskRequest {
  return {
    id: "direct",
    task,
    args,
    kwargs: {},
    retries: 0,
    headers: {},
    eta: null,
    expires: null,
    rootId: "direct",
    parentId: null,
    group: null,
    groupIndex: null,
    chord: false,
    softTimeLimit: null,
    timeLimit: null,
    deliveryInfo: { queue: "", priority: 0, redelivered: false, losses: 0 },
    hostname: "",
    isEager: false,
    calledDirectly: true,
  };
}
