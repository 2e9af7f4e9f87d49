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

/** The members of a Web Worker's global scope that are used here. */
interface IsolateScope extends EventTarget {
  postMessage(line: string): void;
}

const scope = globalThis as unknown as IsolateScope;
// Kept, because the application may replace what is global.
const post = scope.postMessage.bind(scope);

/**
 * Waits for its host and serves it. No code of the application runs before.
 */
export function serve(imports: IsolateImports): void {
  scope.addEventListener(
    "message",
    (event) => open((event as MessageEvent<IsolateInit>).data, imports),
    { once: true },
  );
}

function open(init: IsolateInit, imports: IsolateImports): void {
  const { seat, host, settings } = init;
  if (settings !== null) provideEnvironment(settings);
  const say = (kind: string, payload: string) => {
    post(`${kind}${seat} ${payload}`);
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
  scope.addEventListener("message", (event) => {
    const text = (event as MessageEvent<unknown>).data;
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
  });
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    strays.take((event as PromiseRejectionEvent).reason);
  });
  scope.addEventListener("error", (event) => {
    event.preventDefault();
    const { error, message } = event as ErrorEvent;
    strays.take(error ?? new Error(message));
  });
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
}

async function load(
  { runner, application }: IsolateImports,
  store: Store | null,
): Promise<Runner> {
  const { loadRunner } = await runner();
  return loadRunner(await application(), { store });
}
