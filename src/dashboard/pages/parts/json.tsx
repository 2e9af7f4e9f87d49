/**
 * JSON for people: laid out and coloured. Numbers stay as they were written,
 * whatever their size.
 *
 * @module
 */

import type { View } from "./view.ts";

/** Longer texts are not laid out: that would cost more than it gives. */
const LONGEST = 100_000;
const TOKEN =
  /("(?:[^"\\]|\\.)*")(\s*:)?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],]/g;

/** A value as its JSON text, or any other text as it is. */
export function Json({ text }: { readonly text: string }): View {
  if (text.length > LONGEST || !isJson(text)) {
    return <pre class="code" tabindex={0}>{text}</pre>;
  }
  return <pre class="code" tabindex={0}>{coloured(layOut(text))}</pre>;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a list or an object is short enough to stay in its line. */
const LINE = 60;

/** Line breaks and indents, without a number being read and written. */
function layOut(text: string): string {
  const tokens = [...text.matchAll(TOKEN)].map(([whole, string, colon]) =>
    colon === undefined ? whole : `${string}: `
  );
  return write(tokens, { at: 0 }, "");
}

function write(
  tokens: readonly string[],
  cursor: { at: number },
  indent: string,
): string {
  const token = tokens[cursor.at++] ?? "";
  if (token !== "{" && token !== "[") return token;
  const end = token === "{" ? "}" : "]";
  const inner = `${indent}  `;
  const parts: string[] = [];
  while (cursor.at < tokens.length && tokens[cursor.at] !== end) {
    if (tokens[cursor.at] === ",") {
      cursor.at++;
      continue;
    }
    const key = token === "{" ? tokens[cursor.at++] ?? "" : "";
    parts.push(key + write(tokens, cursor, inner));
  }
  cursor.at++;
  const line = parts.join(", ");
  if (parts.length === 0) return token + end;
  if (line.length <= LINE && !line.includes("\n")) {
    return token === "{" ? `{ ${line} }` : `[${line}]`;
  }
  return `${token}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${end}`;
}

function coloured(text: string): View {
  const parts: (string | View)[] = [];
  let last = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon] = match;
    const look = string !== undefined
      ? colon === undefined ? "s" : "k"
      : /^[-\d]/.test(whole)
      ? "n"
      : /^[tfn]/.test(whole)
      ? "w"
      : "";
    if (look === "") continue;
    parts.push(text.slice(last, match.index));
    parts.push(<span class={look}>{string ?? whole}</span>);
    last = match.index + (string ?? whole).length;
  }
  parts.push(text.slice(last));
  return <>{parts}</>;
}
