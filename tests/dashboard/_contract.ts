/**
 * Holds what a dashboard answers against its OpenAPI document.
 *
 * @module
 */

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

type Json = Readonly<Record<string, unknown>>;

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, Json>> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

/** What a document promises. */
export class Contract {
  /** The operations that have been answered with 200: `get /api/v1/tasks`. */
  readonly kept: Set<string> = new Set();
  readonly #document: Document;
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: unknown) {
    this.#document = JSON.parse(
      JSON.stringify(closed(document))
        .replaceAll('"#/components/schemas/', '"document#/$defs/'),
    ) as Document;
    this.#ajv = new Ajv2020({ allErrors: true, strictTypes: false });
    this.#ajv.addSchema({
      $id: "document",
      $defs: this.#document.components.schemas,
    });
  }

  /** Throws unless the document has such a route that answers so. */
  check(
    method: string,
    path: string,
    { status, headers }: Response,
    body: string,
  ): void {
    const [pathname = ""] = path.split("?");
    const template =
      Object.keys(this.#document.paths).find((each) => each === pathname) ??
        Object.keys(this.#document.paths).find((each) =>
          new RegExp(
            `^${each.replace(/\./g, "\\.").replace(/\{\w+\}/g, "[^/]+")}$`,
          )
            .test(pathname)
        );
    const name = `${method.toLowerCase()} ${template}`;
    const operation = this.#document.paths[template ?? ""]
      ?.[method.toLowerCase()];
    if (operation === undefined) {
      if (status === 404 || status === 405) return;
      throw new Error(`${method} ${path} is answered, but not documented`);
    }
    const documented = String(status) in operation.responses
      ? String(status)
      : "default";
    const type = (headers.get("content-type") ?? "").split(";")[0] ?? "";
    const content = operation.responses[documented]?.content?.[type];
    if (content === undefined) {
      throw new Error(`${name}: ${status} of ${type} is not documented`);
    }
    if (status === 200) this.kept.add(name);
    if (type !== "application/json") return;
    const validate = this.#validatorOf(`${name} ${documented}`, content);
    if (validate(JSON.parse(body))) return;
    throw new Error(
      `${name} ${status}: ${this.#ajv.errorsText(validate.errors)}\n${
        body.slice(0, 2_000)
      }`,
    );
  }

  #validatorOf(key: string, content: Json): ValidateFunction {
    const known = this.#validators.get(key);
    if (known !== undefined) return known;
    const made = this.#ajv.compile(content["schema"] as Json);
    this.#validators.set(key, made);
    return made;
  }
}

/** Nothing that is not described may be answered; where more may be, it says so. */
function closed(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(closed);
  if (typeof part !== "object" || part === null) return part;
  const all: Record<string, unknown> = Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, closed(value)]),
  );
  const isObject = "properties" in all && all["type"] === "object";
  return isObject ? { additionalProperties: false, ...all } : all;
}
