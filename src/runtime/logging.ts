/**
 * Sends what is logged in this process to stderr or to a file.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { configure, dispose, getConfig, type Sink } from "@logtape/logtape";
import type { LogLevel, TextFormatter } from "@logtape/logtape";

/** How to log. */
export interface LoggingOptions {
  /** The lowest level that comes out. */
  readonly level: LogLevel;
  /** How a record becomes a line; the line end is its last character. */
  readonly format: TextFormatter;
  /** A file to append to, instead of stderr. */
  readonly file?: string | undefined;
}

/** Logging that was set up. */
export interface Logging {
  /** Whether it was: an application that configures LogTape itself is left alone. */
  readonly installed: boolean;
  /** Writes what is still to be written. */
  close(): Promise<void>;
}

/**
 * Sets logging up for the whole process.
 *
 * @throws the error of the file system when the file cannot be written
 */
export async function startLogging(options: LoggingOptions): Promise<Logging> {
  if (getConfig() !== null) {
    return { installed: false, close: () => Promise.resolve() };
  }
  const { level, format, file } = options;
  await configure({
    sinks: {
      lines: file === undefined ? stderrSink(format) : await fileSink(
        file,
        format,
      ),
    },
    loggers: [
      { category: [], sinks: ["lines"], lowestLevel: level },
      { category: ["logtape", "meta"], lowestLevel: "warning" },
    ],
    contextLocalStorage: new AsyncLocalStorage(),
  });
  return { installed: true, close: dispose };
}

function stderrSink(format: TextFormatter): Sink {
  // The console adds the line end.
  return (record) => console.error(format(record).slice(0, -1));
}

async function fileSink(
  path: string,
  formatter: TextFormatter,
): Promise<Sink & Disposable> {
  const { getFileSink } = await import("@logtape/file");
  // Without a buffer: the last lines before a crash are those that matter.
  return getFileSink(path, { formatter, bufferSize: 0 });
}
