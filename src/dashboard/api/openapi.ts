/**
 * The OpenAPI document, from the tables that the routes are made of.
 *
 * @module
 */

import { z } from "zod";
import { ACTIONS } from "../actions/table.ts";
import type { DashboardContext } from "../context.ts";
import { VERSION } from "../../version.ts";
import { NAMED, named } from "./answers/named.ts";
import { type Operation, variablesIn } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { streamQuery } from "./query.ts";

type Json = Readonly<Record<string, unknown>>;

named(
  "Refusal",
  z.object({ error: z.string().describe("Why, in a sentence") }),
);

named(
  "ActionResult",
  z.looseObject({
    ok: z.boolean().describe("Whether it was done"),
    text: z.string().describe("What came of it, in a sentence"),
  }),
);

const JSON_TYPE = "application/json";
const TEXT = { "text/plain": { schema: { type: "string" } } };

/** The document. Addresses are as browsers see them. */
export function openApiDocument(
  { options, url }: Pick<DashboardContext, "options" | "url">,
): Json {
  const byPassword = options.basicAuth !== null;
  return {
    openapi: "3.1.0",
    info: {
      title: "Lovage dashboard",
      version: VERSION,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: url("") || "/" }],
    ...(byPassword ? { security: [{ basicAuth: [] }] } : {}),
    paths: pathsOf(),
    components: {
      schemas: schemas(),
      ...(byPassword
        ? { securitySchemes: { basicAuth: { type: "http", scheme: "basic" } } }
        : {}),
    },
  };
}

function pathsOf(): Json {
  const paths: Record<string, Json> = {
    "/healthcheck": {
      get: {
        summary: "Whether the stores answer",
        operationId: "healthcheck",
        responses: {
          200: { description: "They do", content: TEXT },
          503: { description: "They do not", content: TEXT },
          default: { description: "Why not", content: TEXT },
        },
      },
    },
    "/metrics": {
      get: {
        summary: "Metrics in Prometheus' text format",
        operationId: "metrics",
        responses: {
          200: { description: "All metrics", content: TEXT },
          default: { description: "Why not", content: TEXT },
        },
      },
    },
    "/api/v1/openapi.json": {
      get: {
        summary: "This document",
        operationId: "openapi",
        responses: {
          200: answerOf({ type: "object" }),
          default: refusal("It is not given"),
        },
      },
    },
    "/api/v1/stream": {
      get: {
        summary: "What changes, as server-sent events",
        operationId: "stream",
        parameters: parametersOf(streamQuery),
        responses: {
          200: {
            description: "Events; each is named after its topic",
            content: { "text/event-stream": { schema: { type: "string" } } },
          },
          400: refusal("A parameter will not do"),
          default: refusal("It is not answered"),
        },
      },
    },
  };
  for (const [path, operation] of Object.entries(OPERATIONS)) {
    paths[path] = { [operation.method]: describe(path, operation) };
  }
  for (const [name, { summary, input }] of Object.entries(ACTIONS)) {
    paths[`/api/v1/actions/${name}`] = {
      post: {
        summary,
        operationId: name,
        requestBody: bodyOf(input),
        responses: {
          200: answerOf(refTo("ActionResult"), "It was done"),
          400: refusal("The input will not do; nothing was done"),
          409: answerOf(refTo("ActionResult"), "Not done, or not wholly"),
          default: refusal("It is not answered"),
        },
      },
    };
  }
  return paths;
}

function describe(path: string, operation: Operation): Json {
  const { summary, method, input, inBody = false, answer } = operation;
  const variables = variablesIn(path);
  const { id = "" } = NAMED.get(answer) ?? {};
  return {
    summary,
    operationId: `${method}${path.replace(/[^\w]+(\w?)/g, capital)}`,
    parameters: [
      ...variables.map((name) => ({
        name,
        in: "path",
        required: true,
        schema: { type: "string", minLength: 1 },
      })),
      ...inBody ? [] : parametersOf(input),
    ],
    ...(inBody ? { requestBody: bodyOf(input) } : {}),
    responses: {
      200: answerOf(refTo(id)),
      400: refusal("A parameter will not do"),
      ...(variables.length > 0 && method === "get"
        ? { 404: refusal("Nothing is known of it") }
        : {}),
      ...Object.fromEntries(
        Object.entries(operation.refusals ?? {})
          .map(([status, why]) => [status, refusal(why)]),
      ),
      default: refusal("It is not answered"),
    },
  };
}

function capital(_: string, letter: string): string {
  return letter.toUpperCase();
}

function answerOf(schema: Json, description = "The answer"): Json {
  return { description, content: { [JSON_TYPE]: { schema } } };
}

function refusal(why: string): Json {
  return answerOf(refTo("Refusal"), why);
}

function refTo(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function bodyOf(input: z.ZodType): Json {
  const schema = schemaOf(input);
  const { required } = schema as { readonly required?: readonly string[] };
  return {
    required: required !== undefined,
    content: { [JSON_TYPE]: { schema } },
  };
}

function parametersOf(input: z.ZodType): readonly Json[] {
  const { properties = {}, required = [] } = schemaOf(input) as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, described]) => {
    const { description, ...schema } = described;
    return {
      name,
      in: "query",
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
    };
  });
}

function schemas(): Json {
  const { schemas } = z.toJSONSchema(NAMED, {
    io: "input",
    unrepresentable: "any",
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, plain(schema)]),
  );
}

function schemaOf(schema: z.ZodType): Json {
  return plain(
    z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }),
  ) as Json;
}

/** Without what says nothing: names of its own, the bounds of any number. */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain);
  if (typeof schema !== "object" || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key, value]) =>
        key !== "$schema" && key !== "$id" && key !== "~standard" &&
        Math.abs(value) !== Number.MAX_SAFE_INTEGER
      )
      .map(([key, value]) => [key, plain(value)]),
  );
}
