/**
 * The OpenAPI document, from the tables that the routes are made of.
 *
 * @module
 */

import { z } from "zod";
import { ACTIONS } from "../actions/table.ts";
import { VERSION } from "../../version.ts";
import { type Question, QUESTIONS } from "./questions.ts";

type Json = Readonly<Record<string, unknown>>;

const ERROR = {
  description: "Why not, in a sentence",
  content: {
    "application/json": {
      schema: {
        type: "object",
        properties: { error: { type: "string" } },
        required: ["error"],
      },
    },
  },
};

const DONE = {
  type: "object",
  properties: {
    ok: { type: "boolean", description: "Whether it was done" },
    text: { type: "string", description: "What came of it, in a sentence" },
  },
  required: ["ok", "text"],
  additionalProperties: true,
};

/** The document. @param base where the API lies, as browsers see it */
export function openApiDocument(base: string): Json {
  const paths: Record<string, Json> = {};
  for (const [path, question] of Object.entries(QUESTIONS)) {
    paths[path] = { get: operationOf(path, question) };
  }
  for (const [name, { summary, input }] of Object.entries(ACTIONS)) {
    paths[`/actions/${name}`] = {
      post: {
        summary,
        operationId: name,
        requestBody: {
          required: true,
          content: { "application/json": { schema: schemaOf(input) } },
        },
        responses: {
          200: {
            description: "It was done",
            content: { "application/json": { schema: DONE } },
          },
          409: {
            description: "It was not done, or not wholly",
            content: { "application/json": { schema: DONE } },
          },
          403: ERROR,
        },
      },
    };
  }
  paths["/stream"] = {
    get: {
      summary: "What changes, as server-sent events",
      parameters: [{
        name: "topics",
        in: "query",
        description: "stats, tasks, queues, workers, attention",
        schema: { type: "string" },
      }],
      responses: {
        200: { description: "Events", content: { "text/event-stream": {} } },
      },
    },
  };
  return {
    openapi: "3.1.0",
    info: { title: "Lovage dashboard", version: VERSION },
    servers: [{ url: base }],
    paths,
  };
}

function operationOf(path: string, { summary, query }: Question): Json {
  const { properties = {}, required = [] } = schemaOf(query) as {
    readonly properties?: Json;
    readonly required?: readonly string[];
  };
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
  const inPath = path.includes("{name}")
    ? [{ name: "name", in: "path", required: true, schema: { type: "string" } }]
    : [];
  return {
    summary,
    parameters: [...inPath, ...inQuery],
    responses: {
      200: { description: "The answer", content: { "application/json": {} } },
      400: ERROR,
      ...(inPath.length > 0 ? { 404: ERROR } : {}),
    },
  };
}

function schemaOf(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  }) as Json;
}
