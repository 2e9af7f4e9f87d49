/**
 * The surface of [Standard Schema v1](https://standardschema.dev) that Lovage
 * calls, so that zod, valibot, arktype and others fit without a dependency.
 *
 * @module
 */

/** Any schema that follows Standard Schema v1. */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The members that the standard prescribes. */
  readonly "~standard": StandardSchemaProps<Input, Output>;
}

/** What a Standard Schema carries under `~standard`. */
export interface StandardSchemaProps<Input, Output> {
  /** The version of the standard. */
  readonly version: 1;
  /** The library that made the schema. */
  readonly vendor: string;
  /** Checks a value and returns it, converted, or the issues found. */
  readonly validate: (
    value: unknown,
  ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
  /** Types only; never present at run time. */
  readonly types?:
    | { readonly input: Input; readonly output: Output }
    | undefined;
}

/** What a validation returns. */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] };

/** One thing that a schema found wrong. */
export interface StandardSchemaIssue {
  /** A sentence for people. */
  readonly message: string;
  /** Where in the value. */
  readonly path?:
    | readonly (PropertyKey | { readonly key: PropertyKey })[]
    | undefined;
}
