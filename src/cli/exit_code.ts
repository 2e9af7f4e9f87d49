/**
 * How a command ends, for the shell and for supervisors.
 *
 * @module
 */

/** The exit codes; `docs/cli.md` and `--help` list them. */
export const ExitCode = {
  /** It did what it was asked to. */
  Ok: 0,
  /** It was asked about something that failed, or it was refused. */
  Failure: 1,
  /** The command line will not do. */
  Usage: 2,
  /** The task has not ended yet. */
  NotEnded: 3,
  /** The store cannot be reached or used. */
  StoreUnavailable: 69,
  /** An error that nobody expected. */
  Internal: 70,
  /** The app cannot be loaded, or its settings will not do. */
  Config: 78,
} as const;

/** The table of `--help`. */
export const EXIT_CODES_HELP = `Exit codes:
  0    done
  1    the task failed or was revoked, or the command was refused
  2    the command line is wrong
  3    the task has not ended yet
  69   the store cannot be reached or used
  70   an unexpected error; run again with --debug
  78   the app cannot be loaded, or its settings are wrong
  128+n  ended at once by the signal n (130: INT)`;
