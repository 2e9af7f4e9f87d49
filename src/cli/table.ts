/**
 * Tables and lists of facts for people.
 *
 * @module
 */

const GAP = "  ";

/**
 * Rows under a header, in columns. Columns of numbers are aligned right. The
 * last column is not padded.
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const lines = [header, ...rows].map((row) => row.map(String));
  const columns = header.map((_, index) => ({
    width: Math.max(...lines.map((line) => line[index]?.length ?? 0)),
    right: rows.length > 0 &&
      rows.every((row) => typeof row[index] === "number"),
  }));
  return lines.map((line) =>
    columns.map(({ width, right }, index) => {
      const cell = line[index] ?? "";
      return right ? cell.padStart(width) : cell.padEnd(width);
    }).join(GAP).trimEnd()
  ).join("\n");
}

/** Facts, one per line; those that are `undefined` are left out. */
export function facts(
  entries: readonly (readonly [name: string, value: string | undefined])[],
): string {
  const known = entries.filter(([, value]) => value !== undefined);
  const width = Math.max(...known.map(([name]) => name.length));
  const indent = " ".repeat(width + GAP.length);
  return known.map(([name, value]) =>
    `${name.padEnd(width)}${GAP}${value?.replaceAll("\n", `\n${indent}`)}`
  ).join("\n");
}
