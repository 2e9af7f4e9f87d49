/**
 * What processes have cost so far, as `/proc` says.
 *
 * @module
 */

const TICKS_PER_SECOND = 100;
const PAGE = 4096;

/** What a process and its descendants have cost. */
export interface Cost {
  /** Processor time, those that ended included, in seconds. */
  readonly cpu: number;
  /** Memory that they have now, in MB; what they share counts for each. */
  readonly mb: number;
}

/** The cost so far of the processes under each id. */
export function costOf(pids: readonly number[]): Cost {
  return pids.flatMap(processTree).reduce(
    (total, pid) => add(total, ownCost(pid)),
    { cpu: 0, mb: 0 },
  );
}

/** A process and its descendants, parents first. */
export function processTree(pid: number): readonly number[] {
  const children = readable(() =>
    [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) =>
      Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`)
        .split(" ").filter((child) => child !== "").map(Number)
    )
  );
  return [pid, ...(children ?? []).flatMap(processTree)];
}

function add(a: Cost, b: Cost): Cost {
  return { cpu: a.cpu + b.cpu, mb: a.mb + b.mb };
}

function ownCost(pid: number): Cost {
  const read = readable(() => [
    Deno.readTextFileSync(`/proc/${pid}/stat`),
    Deno.readTextFileSync(`/proc/${pid}/statm`),
  ]);
  if (read === undefined) return { cpu: 0, mb: 0 };
  const [stat = "", statm = ""] = read;
  // What stands in parentheses is a name, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // User and system time, its own and that of children that have ended.
  const ticks = fields.slice(11, 15).reduce((sum, n) => sum + Number(n), 0);
  return {
    cpu: ticks / TICKS_PER_SECOND,
    mb: Number(statm.split(" ")[1]) * PAGE / 2 ** 20,
  };
}

/** A process may end while it is looked at. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
