/**
 * What every scheduler promises.
 *
 * @module
 */

import type {
  Candidate,
  Firing,
  SchedulePut,
  ScheduleRecord,
  Store,
} from "../../contracts/mod.ts";
import { expectEqual } from "./expect.ts";
import { ids, message, reserve } from "./fixtures.ts";
import type { ConformanceCase, Suite } from "./harness.ts";

const DUE = 5_000;

function entry(name: string, rest: Partial<SchedulePut> = {}): SchedulePut {
  return { name, body: `{"of":"${name}"}`, dueAt: DUE, ...rest };
}

function candidate(id: string, lease: number = 10_000): Candidate {
  return { id, name: `${id}@tests`, lease };
}

/** Writes one entry and reads it back. */
async function written(
  store: Store,
  name: string,
  rest: Partial<SchedulePut> = {},
): Promise<ScheduleRecord> {
  await store.scheduler.put([entry(name, rest)]);
  return read(store, name);
}

async function read(store: Store, name: string): Promise<ScheduleRecord> {
  const [found] = await store.scheduler.fetch([name]);
  if (!found) throw new Error(`Expected the entry ${name}, found none`);
  return found;
}

/** The firing of an entry as it was read, with one message. */
function firing(
  { name, revision, dueAt }: ScheduleRecord,
  rest: Partial<Firing> = {},
): Firing {
  if (dueAt === null) throw new Error(`Expected ${name} to be due some time`);
  const messages = [message(`${name}-${dueAt}`)];
  const nextAt = dueAt + 1_000;
  return { name, revision, dueAt, nextAt, state: "fired", messages, ...rest };
}

async function names(store: Store, limit: number): Promise<string[]> {
  const found: string[] = [];
  let after: string | null = null;
  do {
    const page = await store.scheduler.list(after, limit);
    if (page.records.length > limit) throw new Error("The page is too long");
    found.push(...page.records.map(({ name }) => name));
    after = page.next;
  } while (after !== null);
  return found;
}

const entryCases: readonly ConformanceCase[] = [
  {
    name: "an entry is read as it was written",
    async run({ store, another }) {
      const body = '{"zone":"Europe/Berlin","note":"\u00fc\\n, \u{1F33F}"}';
      const record = await written(store, "every night, 2:30 \u{1F319}", {
        body,
        dueAt: 1_800_000_000_123,
      });
      const { revision, ...rest } = record;
      expectEqual(rest, {
        name: "every night, 2:30 \u{1F319}",
        body,
        dueAt: 1_800_000_000_123,
        state: "",
      }, "the entry");
      const other = await another();
      expectEqual(await read(other, record.name), record, "read elsewhere");
      const { revision: last } = await other.scheduler.leader();
      expectEqual(last, revision, "the store's revision");
    },
  },
  {
    name: "what is not there is null, in its place",
    async run({ store }) {
      await store.scheduler.put([entry("a"), entry("c", { dueAt: null })]);
      const found = await store.scheduler.fetch(["c", "b", "a"]);
      expectEqual(
        found.map((one) => one && [one.name, one.dueAt]),
        [["c", null], null, ["a", DUE]],
        "what was found",
      );
      expectEqual(await store.scheduler.fetch([]), [], "nothing");
    },
  },
  {
    name: "an entry written again keeps its state, and has a new revision",
    async run({ store }) {
      const first = await written(store, "a");
      await store.scheduler.fire([firing(first)]);
      const second = await written(store, "a", { body: "new", dueAt: 9_000 });
      expectEqual(
        [second.body, second.dueAt, second.state],
        ["new", 9_000, "fired"],
        "the entry",
      );
      if (second.revision <= first.revision) throw new Error("Not counted up");
    },
  },
  {
    name: "a put that expects another revision changes nothing",
    async run({ store }) {
      const { revision } = await written(store, "a");
      const [, known] = await store.scheduler.put([entry("b"), entry("c")]);
      const answer = await store.scheduler.put([
        entry("a", { expected: revision + 100, body: "wrong" }),
        entry("b", { expected: null, body: "wrong" }),
        entry("c", { expected: known ?? 0, body: "right" }),
        entry("d", { expected: null, body: "right" }),
        entry("e", { expected: 1, body: "wrong" }),
      ]);
      const now = (await store.scheduler.leader()).revision;
      expectEqual(answer, [null, null, now, now, null], "the answer");
      const found = await store.scheduler.fetch(["a", "b", "c", "d", "e"]);
      expectEqual(
        found.map((one) => one?.body ?? null),
        ['{"of":"a"}', '{"of":"b"}', "right", "right", null],
        "the entries",
      );
    },
  },
  {
    name: "the revision grows by one with a call that changed something",
    async run({ store }) {
      const { scheduler } = store;
      const revision = async () => (await scheduler.leader()).revision;
      const start = await revision();
      await scheduler.put([entry("a"), entry("b")]);
      await scheduler.put([entry("a", { expected: null })]);
      expectEqual(await revision(), start + 1, "after a put of two");
      expectEqual(
        await scheduler.remove(["b", "nobody", "a"]),
        [true, false, true],
        "what was removed",
      );
      await scheduler.remove(["a"]);
      expectEqual(await revision(), start + 2, "after a removal");
      await scheduler.put([]);
      await scheduler.remove([]);
      expectEqual(await revision(), start + 2, "after nothing");
      expectEqual(await names(store, 10), [], "what is left");
    },
  },
  {
    name: "an entry that was removed and written again begins anew",
    async run({ store }) {
      const first = await written(store, "a");
      await store.scheduler.fire([firing(first)]);
      await store.scheduler.remove(["a"]);
      const second = await written(store, "a");
      expectEqual(second.state, "", "the state");
      const late = firing(first, { messages: [message("late")] });
      expectEqual(await store.scheduler.fire([late]), [false], "the old one");
    },
  },
  {
    name: "pages go through the entries by name",
    async run({ store }) {
      const all = Array.from(
        { length: 25 },
        (_, at) => `n${String(at * 7 % 25).padStart(2, "0")}`,
      );
      const odd = ["A", "a", "ab", "\u00e4", "\uffee", "\u{1F33F}"];
      await store.scheduler.put([...all, ...odd].map((name) => entry(name)));
      const sorted = ["A", "a", "ab", ...all.toSorted()];
      sorted.push("\u00e4", "\uffee", "\u{1F33F}");
      expectEqual(await names(store, 4), sorted, "by fours");
      expectEqual(await names(store, 31), sorted, "all at once");
    },
  },
];

const firingCases: readonly ConformanceCase[] = [
  {
    name: "a firing moves the entry on and publishes its messages",
    async run({ store }) {
      const record = await written(store, "a");
      const { revision } = await store.scheduler.leader();
      const messages = [message("a1"), message("a2", { priority: 0 })];
      const answer = await store.scheduler.fire([
        firing(record, { nextAt: 7_000, state: "once", messages }),
      ]);
      expectEqual(answer, [true], "the answer");
      const now = await read(store, "a");
      expectEqual(
        now,
        { ...record, dueAt: 7_000, state: "once" },
        "the entry",
      );
      const deliveries = await reserve(store);
      expectEqual(ids(deliveries), ["a2", "a1"], "what was published");
      expectEqual(deliveries[1]?.body, messages[0]?.body, "as it was given");
      const after = (await store.scheduler.leader()).revision;
      expectEqual(after, revision, "the store's revision");
    },
  },
  {
    name: "of two firings of one due time, one succeeds",
    async run({ store, another }) {
      const other = await another();
      const record = await written(store, "a");
      const [here, there] = await Promise.all([
        store.scheduler.fire([firing(record, { messages: [message("x")] })]),
        other.scheduler.fire([firing(record, { messages: [message("y")] })]),
      ]);
      expectEqual([here?.[0], there?.[0]].toSorted(), [false, true], "answers");
      const published = ids(await reserve(store));
      expectEqual(published, [here?.[0] ? "x" : "y"], "what was published");
      const again = await store.scheduler.fire([
        firing(record, { messages: [message("z")] }),
      ]);
      expectEqual(again, [false], "a third");
      expectEqual(ids(await reserve(store)), [], "what it published");
    },
  },
  {
    name: "the firing of an entry that was written meanwhile changes nothing",
    async run({ store }) {
      const record = await written(store, "a");
      const changed = await written(store, "a", { body: "changed" });
      expectEqual(
        await store.scheduler.fire([firing(record)]),
        [false],
        "the answer",
      );
      expectEqual(await read(store, "a"), changed, "the entry");
      expectEqual(await reserve(store), [], "what was published");
    },
  },
  {
    name: "firings of a batch stand each for itself",
    async run({ store }) {
      const a = await written(store, "a");
      const b = await written(store, "b");
      const c = await written(store, "c");
      await store.scheduler.remove(["b"]);
      const answer = await store.scheduler.fire([
        firing(a, { nextAt: null }),
        firing(b),
        firing(c, { messages: [], state: "skipped" }),
      ]);
      expectEqual(answer, [true, false, true], "the answer");
      expectEqual(ids(await reserve(store)), [`a-${DUE}`], "published");
      expectEqual((await read(store, "a")).dueAt, null, "the end of a");
      expectEqual((await read(store, "c")).state, "skipped", "that of c");
      expectEqual(await store.scheduler.fire([]), [], "nothing");
    },
  },
  {
    name: "a message of a firing whose id is live is not added again",
    async run({ store }) {
      const record = await written(store, "a");
      await store.broker.publish([message("same", { body: '{"id":"first"}' })]);
      const messages = [message("same"), message("other")];
      expectEqual(
        await store.scheduler.fire([firing(record, { messages })]),
        [true],
        "the answer",
      );
      const deliveries = await reserve(store);
      expectEqual(ids(deliveries), ["same", "other"], "what is there");
      expectEqual(deliveries[0]?.body, '{"id":"first"}', "the first stays");
    },
  },
  {
    name: "messages of a firing may go to many queues, and wait for an eta",
    async run({ store, clock }) {
      const record = await written(store, "a");
      const eta = clock.now() + 5_000;
      const messages = [
        message("m1", { queue: "one" }),
        message("m2", { queue: "two" }),
        message("m3", { queue: "one", eta }),
      ];
      await store.scheduler.fire([firing(record, { messages })]);
      const queues = ["one", "two"];
      expectEqual(
        ids(await reserve(store, { queues })).toSorted(),
        ["m1", "m2"],
        "at once",
      );
      clock.advance(5_000);
      expectEqual(ids(await reserve(store, { queues })), ["m3"], "then");
    },
  },
  {
    name: "a worker that waits hears of what was fired",
    async run({ store, another }) {
      const other = await another();
      const record = await written(store, "a");
      const waiting = reserve(other, { wait: true });
      await store.scheduler.fire([firing(record)]);
      expectEqual(ids(await waiting), [`a-${DUE}`], "what it got");
    },
  },
  {
    name: "a thousand entries are fired together",
    async run({ store }) {
      const all = Array.from({ length: 1_000 }, (_, at) => `e${at}`);
      await store.scheduler.put(all.map((name) => entry(name)));
      const found = await store.scheduler.fetch(all);
      const firings = found.map((one) => {
        if (one === null) throw new Error("Expected all entries");
        return firing(one);
      });
      const answer = await store.scheduler.fire(firings);
      expectEqual(answer.filter(Boolean).length, 1_000, "fired");
      const depth = await reserve(store, { limit: 1_000 });
      expectEqual(depth.length, 1_000, "published");
    },
  },
];

const leaderCases: readonly ConformanceCase[] = [
  {
    name: "one leads until its lease ends or it resigns",
    async run({ store, another, clock }) {
      const other = await another();
      const nobody = await store.scheduler.leader();
      expectEqual(
        [nobody.id, nobody.name, nobody.until],
        [null, "", 0],
        "none",
      );
      const first = await store.scheduler.lead(candidate("a"));
      expectEqual([first.id, first.name], ["a", "a@tests"], "who leads");
      expectEqual(first.until - first.now, 10_000, "for how long");
      const refused = await other.scheduler.lead(candidate("b"));
      expectEqual([refused.id, refused.until], ["a", first.until], "still");
      clock.advance(6_000);
      const renewed = await store.scheduler.lead(candidate("a"));
      expectEqual(renewed.until, first.until + 6_000, "renewed");
      clock.advance(6_000);
      expectEqual((await other.scheduler.lead(candidate("b"))).id, "a", "yet");
      clock.advance(4_001);
      expectEqual((await other.scheduler.leader()).id, null, "its lease ended");
      expectEqual((await other.scheduler.lead(candidate("b"))).id, "b", "then");
      expectEqual(
        (await store.scheduler.lead(candidate("a"))).id,
        "b",
        "not a",
      );
      await store.scheduler.resign("a");
      expectEqual((await store.scheduler.leader()).id, "b", "not its to give");
      await other.scheduler.resign("b");
      expectEqual((await store.scheduler.lead(candidate("a"))).id, "a", "a");
    },
  },
  {
    name: "of many candidates one leads",
    async run({ store, another }) {
      const other = await another();
      const answers = await Promise.all(
        Array.from(
          { length: 10 },
          (_, at) =>
            (at % 2 === 0 ? store : other).scheduler.lead(candidate(`c${at}`)),
        ),
      );
      expectEqual(new Set(answers.map(({ id }) => id)).size, 1, "leaders");
    },
  },
  {
    name: "the time by which leases end is the store's",
    async run({ store, clock }) {
      const { now } = await store.scheduler.leader();
      expectEqual(now, clock.now(), "the time");
    },
  },
];

/** The suite of the scheduler port. */
export const schedulerSuite: Suite = {
  name: "scheduler",
  cases: [...entryCases, ...firingCases, ...leaderCases],
};
