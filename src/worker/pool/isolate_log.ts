/**
 * What tasks log in isolates is logged by the worker: its sinks, levels and
 * formats hold for all that runs in it.
 *
 * @module
 */

import {
  compareLogLevel,
  configureSync,
  getConfig,
  getLogger,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
} from "@logtape/logtape";
import { withTask } from "../../task_logs.ts";
import { logContextStorage } from "../../runtime/async_context.ts";

/** A record on its way to the worker. */
type SentRecord = Omit<LogRecord, "message" | "rawMessage"> & {
  readonly text: string;
};

/**
 * The lowest level that anything in this process listens to, for isolates to
 * send no more than that; `null` when nothing listens.
 */
export function lowestLogLevel(): LogLevel | null {
  const levels = (getConfig()?.loggers ?? [])
    .filter(({ category, sinks }) =>
      category[0] !== "logtape" && (sinks ?? []).length > 0
    )
    .map(({ lowestLevel }) => lowestLevel === undefined ? "trace" : lowestLevel)
    .filter((level) => level !== null);
  return levels.sort(compareLogLevel)[0] ?? null;
}

/**
 * Sends what is logged in this isolate to the worker, unless the application
 * sees to it itself.
 */
export function forwardLogs(
  level: LogLevel | null,
  send: (text: string) => void,
): void {
  if (level === null || getConfig() !== null) return;
  configureSync({
    sinks: { worker: (record) => send(encodeRecord(withTask(record))) },
    loggers: [
      { category: [], sinks: ["worker"], lowestLevel: level },
      { category: ["logtape", "meta"], lowestLevel: "warning" },
    ],
    contextLocalStorage: logContextStorage(),
  });
}

/** Logs a record that an isolate has sent. */
export function logRecord(text: string): void {
  const { category, text: message, ...record } = JSON.parse(text) as SentRecord;
  getLogger(category).emit({
    ...record,
    message: [message],
    rawMessage: message,
  });
}

const render = getTextFormatter({
  format: ({ message }) => message,
  // Text goes into a line as it is, without quotes.
  value: (value, inspect) => typeof value === "string" ? value : inspect(value),
});

function encodeRecord(record: LogRecord): string {
  const { category, level, timestamp, properties } = record;
  const text = render(record).trimEnd();
  const sent: SentRecord = { category, level, timestamp, properties, text };
  try {
    return JSON.stringify(sent, plain);
  } catch {
    // A cycle: the text shows what there is to see.
    const { task, taskId } = properties;
    return JSON.stringify({ ...sent, properties: { task, taskId } });
  }
}

/** Writes what JSON has no word for as text. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value instanceof Error) {
    const { name, message, stack } = value;
    return { name, message, stack };
  }
  return value;
}
