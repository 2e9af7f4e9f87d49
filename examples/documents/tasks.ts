/**
 * The tasks of a small application: documents are parsed, scored and
 * reported on.
 *
 * @module
 */

import { Lovage } from "@lovage/lovage";

export const app = new Lovage("documents");
app.configFromEnv();

/** A document, parsed. */
export interface Document {
  readonly title: string;
  readonly author: string;
  readonly sentences: readonly string[];
  readonly slow: boolean;
}

/** A document's score: how easily it reads, of a hundred. */
export interface Score {
  readonly title: string;
  readonly ease: number;
}

/** Reads a document. A broken one is tried once more, then it has failed. */
export const parse = app.task("documents.parse", {
  autoretryFor: [SyntaxError],
  maxRetries: 1,
  retryKwargs: { countdown: "500ms" },
  permissions: { read: true },
}, async (path: string): Promise<Document> => {
  const text = await Deno.readTextFile(path);
  const [, header = "", body = ""] = text.split("---\n");
  const { title, author, slow = false } = JSON.parse(header);
  const sentences = body.replaceAll("\n", " ").split(/(?<=[.:])\s+/)
    .map((sentence) => sentence.trim()).filter((sentence) => sentence !== "");
  return { title, author, sentences, slow };
});

/** Scores a document, and says how far it is. */
export const score = app.task("documents.score", {
  bind: true,
  softTimeLimit: "20s",
  timeLimit: "30s",
}, async (self, document: Document): Promise<Score> => {
  const eases: number[] = [];
  for (const [index, sentence] of document.sentences.entries()) {
    self.checkpoint();
    eases.push(easeOf(sentence));
    if (document.slow) await think();
    const done = Math.round((index + 1) / document.sentences.length * 100);
    await self.updateState("SCORING", { done });
  }
  const mean = eases.reduce((sum, ease) => sum + ease, 0) / eases.length;
  return { title: document.title, ease: Math.round(mean) };
});

/** Writes the report. */
export const report = app.task(
  "documents.report",
  async (path: string, scores: readonly Score[], failed: readonly string[]) => {
    const ranked = scores.toSorted((a, b) => b.ease - a.ease);
    const lines = [
      ...ranked.map(({ title, ease }) => `${ease} of 100  ${title}`),
      ...failed.map((what) => `not scored  ${what}`),
    ];
    await Deno.writeTextFile(path, lines.join("\n") + "\n");
    return path;
  },
);

/** Short words in short sentences read easily. */
function easeOf(sentence: string): number {
  const words = sentence.split(/\s+/);
  const letters = words.join("").length / words.length;
  return Math.max(0, Math.min(100, 150 - 2 * words.length - 12 * letters));
}

/** What a slow document takes. */
function think(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1000));
}
