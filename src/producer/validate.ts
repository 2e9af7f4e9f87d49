/**
 * Checks arguments and results against a task's schemas.
 *
 * @module
 */

import type {
  StandardSchema,
  StandardSchemaIssue,
  StandardSchemaResult,
} from "../contracts/schema.ts";
import { ValidationError } from "../errors.ts";
import type { AnyTask } from "../task.ts";
import type { CallOptions } from "./call_options.ts";
import type { TaskSchema } from "../task_options.ts";

/** The schema of each positional argument, if there are any. */
function argumentSchemas(
  schema: TaskSchema,
): readonly StandardSchema[] | undefined {
  return "~standard" in schema ? [schema] : schema.args;
}

/**
 * Checks the arguments of a call. They are sent as they were given: what a
 * schema converts, it converts before the run, where it is checked again.
 *
 * @throws {ValidationError} naming the argument and what was wrong
 */
export function checkArguments(
  task: AnyTask | undefined,
  args: readonly unknown[],
  { kwargs }: CallOptions,
): readonly unknown[] | Promise<readonly unknown[]> {
  if (task?.options.schema === undefined) return args;
  const all = kwargs === undefined ? args : [...args, kwargs];
  return parseArguments(task, all).then(() => args);
}

/**
 * The arguments as the schemas convert them.
 *
 * @throws {ValidationError} naming the argument and what was wrong
 */
export async function parseArguments(
  task: AnyTask,
  args: readonly unknown[],
): Promise<readonly unknown[]> {
  const { schema } = task.options;
  const schemas = schema === undefined ? undefined : argumentSchemas(schema);
  if (schemas === undefined) return args;
  if (args.length > schemas.length) {
    throw new ValidationError(
      `Task "${task.name}" takes ${schemas.length} arguments, but was given ${args.length}`,
    );
  }
  return await Promise.all(
    schemas.map((each, index) =>
      parse(each, args[index], `args[${index}] of task "${task.name}"`)
    ),
  );
}

/**
 * The result as the schema converts it.
 *
 * @throws {ValidationError} naming what was wrong
 */
export async function parseResult(
  task: AnyTask,
  result: unknown,
): Promise<unknown> {
  const { schema } = task.options;
  if (schema === undefined || "~standard" in schema) return result;
  if (schema.result === undefined) return result;
  return await parse(
    schema.result,
    result,
    `The result of task "${task.name}"`,
  );
}

async function parse(
  schema: StandardSchema,
  value: unknown,
  what: string,
): Promise<unknown> {
  const checked: StandardSchemaResult<unknown> = await schema["~standard"]
    .validate(value);
  if (checked.issues === undefined) return checked.value;
  const issues = checked.issues.map(issueText).join("; ");
  throw new ValidationError(`${what} does not fit its schema: ${issues}`);
}

function issueText(issue: StandardSchemaIssue): string {
  const path = (issue.path ?? []).map((part) =>
    String(typeof part === "object" ? part.key : part)
  ).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}
