/**
 * Pages over several shards.
 *
 * @module
 */

import type { Page, PageRequest } from "../../../src/contracts/mod.ts";

type Cursor = string | null;

/**
 * One page out of those of several places, each of which is in order.
 *
 * @param compare what comes first; 0 leaves it to the order of the places
 */
export async function mergePages<T>(
  places: readonly ((page: PageRequest) => Promise<Page<T>>)[],
  { limit, cursor }: PageRequest,
  compare: (a: T, b: T) => number,
): Promise<Page<T>> {
  const cursors: Cursor[] = cursor === undefined
    ? places.map(() => "")
    : JSON.parse(cursor) as Cursor[];
  const ask = (at: number, count: number): Promise<Page<T>> => {
    const from = cursors[at] ?? null;
    if (from === null) return Promise.resolve({ items: [], cursor: null });
    const page = from === "" ? undefined : from;
    return places[at]?.({ limit: count, cursor: page }) ??
      Promise.resolve({ items: [], cursor: null });
  };
  const pages = await Promise.all(places.map((_, at) => ask(at, limit)));
  const all = pages.flatMap(({ items }, at) =>
    items.map((item) => ({ item, at }))
  ).sort((a, b) => compare(a.item, b.item));
  const taken = all.slice(0, limit);
  const next = await Promise.all(pages.map(async (page, at) => {
    const count = taken.filter((one) => one.at === at).length;
    if (count === page.items.length) return page.cursor;
    // Where it goes on after a part of its page only it knows.
    return count === 0 ? cursors[at] ?? null : (await ask(at, count)).cursor;
  }));
  return {
    items: taken.map(({ item }) => item),
    cursor: next.every((one) => one === null) ? null : JSON.stringify(next),
  };
}
