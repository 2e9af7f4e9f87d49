/**
 * How log records become lines.
 *
 * @module
 */

import {
  getAnsiColorFormatter,
  getJsonLinesFormatter,
  getTextFormatter,
  type LogLevel,
  type LogRecord,
  type TextFormatter,
} from "@logtape/logtape";

import { withTask } from "../task_logs.ts";

/** How lines look. */
export type LineStyle = "plain" | "color" | "json";

/** The levels, the most talkative first. */
export const LOG_LEVELS: readonly LogLevel[] = [
  "trace",
  "debug",
  "info",
  "warning",
  "error",
  "fatal",
];

/** Celery's and other names of levels. */
export const OTHER_LEVELS: Readonly<Record<string, LogLevel>> = {
  warn: "warning",
  critical: "fatal",
};

/** The formatter for a style. */
export function formatterFor(style: LineStyle): TextFormatter {
  const format = plainFormatterFor(style);
  return (record) => format(withTask(record));
}

function plainFormatterFor(style: LineStyle): TextFormatter {
  if (style === "json") return getJsonLinesFormatter();
  const options = {
    timestamp: "rfc3339",
    level: (level: LogLevel) => level.toUpperCase().padEnd(7),
    value: valueText,
  } as const;
  const make = style === "color" ? getAnsiColorFormatter : getTextFormatter;
  const format = make({
    ...options,
    format: ({ timestamp, level, message, record }) =>
      `${timestamp} ${level} ${source(record)} ${message}`,
  });
  return format;
}

/** Lines of tasks bear name and id; all but `self.log` their logger's name. */
function source({ category, properties }: LogRecord): string {
  const { task, taskId } = properties;
  const name = category.join(".");
  if (typeof task !== "string" || typeof taskId !== "string") return name;
  const of = `${task}[${taskId}]`;
  return category[0] === "lovage" ? of : `${of} ${name}`;
}

function valueText(
  value: unknown,
  inspect: (value: unknown) => string,
): string {
  // Text goes into a line as it is, without quotes.
  if (typeof value === "string") return value;
  const stack = value instanceof Error ? remoteStack(value) : undefined;
  return stack ?? inspect(value);
}

const PACKAGE = new URL("../../", import.meta.url).href;

// The stack of an error that came from a task is that of its cause; its own
// shows where it was read from the message.
function remoteStack({ cause, message }: Error): string | undefined {
  if (!(cause instanceof Error) || cause.message !== message) return undefined;
  const lines = cause.stack?.split("\n") ?? [];
  while (lines.length > 1 && isForeign(lines.at(-1) ?? "")) lines.pop();
  return lines.join("\n");
}

/** Frames of this package and of the runtime say nothing of a task's error. */
function isForeign(frame: string): boolean {
  return frame.includes(PACKAGE) || /\bext:/.test(frame);
}
