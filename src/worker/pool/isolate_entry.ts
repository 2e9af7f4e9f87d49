/**
 * What an isolate runs: it loads the application and then runs the jobs that
 * come to it. Its bootstrap (`isolate_bootstrap.ts`) calls this.
 *
 * @module
 */

import { provideEnvironment } from "../../environment.ts";
import type { Runner } from "../runner.ts";
import type { Store } from "../../contracts/store.ts";
import { catchExits } from "../../runtime/exits.ts";
import { onStrayErrors, threadScope } from "../../runtime/isolate_thread.ts";
import { reportTimersInContext } from "../../runtime/timers.ts";
import { forwardLogs } from "./isolate_log.ts";
import { JobLoop } from "./job_loop.ts";
import {
  type FaultReport,
  type IsolateInit,
  numbered,
  REASONS,
  ToHost,
  ToWorker,
} from "./protocol.ts";
import { RemoteStore } from "./remote_store.ts";
import { reportOf, StrayErrors } from "./stray_errors.ts";

/** What the runner module exports. */
export interface RunnerModule {
  /** Makes the runner for the tasks of a module. */
  loadRunner(
    module: Record<string, unknown>,
    options: { readonly store: Store | null },
  ): Runner;
}

/** Loads modules; each call is an `import()` with a literal. */
export interface IsolateImports {
  /** The module that runs tasks. */
  readonly runner: () => Promise<RunnerModule>;
  /** The module of the application. */
  readonly application: () => Promise<Record<string, unknown>>;
}

const scope = threadScope();

/**
 * Waits for its host and serves it. No code of the application runs before.
 */
export function serve(imports: IsolateImports): void {
  let receive = (message: unknown): void => {
    receive = open(message as IsolateInit, imports);
  };
  scope.listen((message) => receive(message));
}

/** @returns what takes the messages that follow */
function open(
  init: IsolateInit,
  imports: IsolateImports,
): (message: unknown) => void {
  const { seat, host, settings } = init;
  if (settings !== null) provideEnvironment(settings);
  const say = (kind: string, payload: string) => {
    scope.post(`${kind}${seat} ${payload}`);
  };
  const loop = new JobLoop(init, say);
  const store = host.store === null
    ? null
    : new RemoteStore(host.store, (text) => say(ToWorker.Store, text));
  const fail = (report: FaultReport) => {
    loop.close();
    say(ToWorker.Fault, `${loop.current} ${JSON.stringify(report)}`);
  };
  const strays = new StrayErrors({
    loop,
    fail,
    retire: () => say(ToWorker.Retire, ""),
  });

  let runner: Runner | null = null;
  const receive = (text: unknown): void => {
    if (typeof text !== "string") return;
    const payload = text.slice(1);
    switch (text[0]) {
      case ToHost.Jobs:
        loop.take(payload);
        break;
      case ToHost.Interrupt: {
        const [ordinal, reason] = numbered(payload);
        loop.interrupt(ordinal, REASONS[Number(reason)] ?? null);
        break;
      }
      case ToHost.Store:
        store?.receive(payload);
        break;
      case ToHost.End:
        void runner?.end().then(() => say(ToWorker.Done, ""));
        break;
    }
  };
  onStrayErrors((error) => strays.take(error));
  reportTimersInContext();
  catchExits((call) => fail({ exit: call }));

  load(imports, store).then(
    (loaded) => {
      runner = loaded;
      forwardLogs(host.logLevel, (text) => loop.report(ToWorker.Log, text));
      loop.open(loaded);
      say(ToWorker.Ready, "");
    },
    (error) => say(ToWorker.Broken, JSON.stringify(reportOf(error))),
  );
  return receive;
}

async function load(
  { runner, application }: IsolateImports,
  store: Store | null,
): Promise<Runner> {
  const { loadRunner } = await runner();
  return loadRunner(await application(), { store });
}
