/**
 * The compiler, as an editor runs it: its messages, and how much work it has.
 *
 * @module
 */

import ts from "typescript";

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.Preserve,
  types: [],
};

/** What begins every program: tasks that fit each other, and some that do not. */
const HEAD = `
import { chain, chord, chunks, group, Lovage, map, starmap } from "../../mod.ts";
declare const app: Lovage;
const add = app.task("add", (a: number, b: number) => a + b);
const print = app.task("print", (value: number) => String(value));
const parse = app.task("parse", (text: string) => Number(text));
const sum = app.task("sum", (list: readonly number[]) => list.length);
const count = app.task("count", (list: readonly string[]) => list.length);
`;

const NAME = `${import.meta.dirname}/program.ts`;
const host = ts.createCompilerHost(OPTIONS);
const read = host.getSourceFile.bind(host);
const files = new Map<string, ts.SourceFile | undefined>();

/** What the compiler says of a program, and what it has to do for it. */
export interface Compiled {
  /** How many types it made of generic ones. */
  readonly instantiations: number;
  /** Its messages, each after the code that it points at. */
  readonly messages: readonly string[];
}

/** Compiles a program, which begins with some tasks. */
export function compile(code: string): Compiled {
  const text = `${HEAD}${code}\n`;
  const program = ts.createProgram([NAME], OPTIONS, {
    ...host,
    fileExists: (name) => name === NAME || host.fileExists(name),
    getSourceFile: (name, target) => {
      if (name === NAME) return ts.createSourceFile(name, text, target, true);
      // Parsing the libraries is most of the time.
      if (!files.has(name)) files.set(name, read(name, target));
      return files.get(name);
    },
  });
  const messages = program.getSemanticDiagnostics(program.getSourceFile(NAME))
    .map((found) => {
      const at = text.slice(
        found.start,
        (found.start ?? 0) + (found.length ?? 0),
      );
      return `${at}: ${
        ts.flattenDiagnosticMessageText(found.messageText, "\n")
      }`;
    });
  return { instantiations: program.getInstantiationCount(), messages };
}
