import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type AsyncResult,
  chain,
  chord,
  group,
  type GroupResult,
  Lovage,
} from "@lovage/lovage";
import {
  type ResultTree,
  type TaskNode,
  type TreeNode,
  treeOf,
} from "../../src/control/workflow/result_tree.ts";
import { TaskFinder } from "../../src/control/workflow/task_facts.ts";
import { treeText } from "../../src/cli/tree_text.ts";
import { internalsOf } from "../../src/internals.ts";
import { memberId } from "../../src/message/ids.ts";
import { drain } from "../../src/testing/mod.ts";
import { Latch, onEachStore, onMemory } from "../_helpers.ts";
import { Workplace } from "./fixtures/processes.ts";

function tasksOf(app: Lovage) {
  return {
    add: app.task("add", (a: number, b: number) => a + b),
    fail: app.task("fail", (n: number): number => {
      throw new RangeError(`no\n${n}`);
    }),
    sum: app.task(
      "sum",
      (list: readonly number[]) => list.reduce((a, b) => a + b, 0),
    ),
  };
}

async function lookAt(
  app: Lovage,
  asked: string,
  most?: number,
): Promise<ResultTree> {
  const { stores, clock } = internalsOf(app);
  return await treeOf(
    new TaskFinder(await stores.open(), clock().now()),
    asked,
    most,
  );
}

/** Names and states, children in lists. */
function shape(nodes: readonly TreeNode[]): unknown[] {
  return nodes.flatMap((node) => {
    const below = node.children.length === 0 ? [] : [shape(node.children)];
    if ("group" in node) return ["group", ...below];
    const { task, state, live, asked } = node;
    const where = live === null ? "" : ` ${live}`;
    return [`${task} ${state}${where}${asked ? " *" : ""}`, ...below];
  });
}

function find(nodes: readonly TreeNode[], id: string): TaskNode | undefined {
  for (const node of nodes) {
    if ("id" in node && node.id === id) return node;
    const below = find(node.children, id);
    if (below !== undefined) return below;
  }
  return undefined;
}

onEachStore(
  "a chain is a line of children, from any of its tasks",
  async (lab) => {
    const app = lab.app();
    const { add } = tasksOf(app);
    const last = await chain(add.s(1, 1), add.s(1), add.s(1)).delay();
    const middle = last.parent as AsyncResult<unknown>;
    const first = middle.parent as AsyncResult<unknown>;
    assertEquals(shape((await lookAt(app, first.id)).tree), [
      "add PENDING queued *",
    ]);
    await drain(app);
    for (const { id } of [first, middle, last]) {
      const { tree, more } = await lookAt(app, id);
      const star = (other: { id: string }) => other.id === id ? " *" : "";
      assertEquals(shape(tree), [
        `add SUCCESS${star(first)}`,
        [`add SUCCESS${star(middle)}`, [`add SUCCESS${star(last)}`]],
      ]);
      assertEquals(more, 0);
      assert((find(tree, first.id)?.ms ?? -1) >= 0);
    }
  },
);

onEachStore(
  "a group in a chain, and what takes its results, are children",
  async (lab) => {
    const app = lab.app();
    const { add, sum } = tasksOf(app);
    const last = await chain(
      add.s(1, 1),
      group([add.s(1), chain(add.s(2), add.s(3))]),
      sum.s(),
      add.s(1),
    ).delay();
    await drain(app);
    assertEquals(shape((await lookAt(app, last.id)).tree), [
      "add SUCCESS",
      [
        "add SUCCESS",
        "add SUCCESS",
        ["add SUCCESS"],
        "sum SUCCESS",
        ["add SUCCESS *"],
      ],
    ]);
  },
);

onEachStore("a chord that no task sent stands below its group", async (lab) => {
  const app = lab.app();
  const { add, sum } = tasksOf(app);
  const body = await chord([
    add.s(1, 1),
    chain(add.s(1, 1), add.s(1)),
    chord([add.s(1, 1)], sum.s()),
  ], sum.s()).delay();
  const { results: [single, , nested] } = body.parent as GroupResult<unknown>;
  await drain(app);
  const lines = (star: string) => [
    "group",
    [
      `add SUCCESS${star}`,
      "add SUCCESS",
      ["add SUCCESS"],
      "group",
      ["add SUCCESS", "sum SUCCESS"],
    ],
  ];
  const whole = shape((await lookAt(app, body.id)).tree);
  const [name, below] = lines("");
  assertEquals(whole, [name, [...below ?? [], "sum SUCCESS *"]]);
  // What takes the results of a group is known from there only.
  assertEquals(shape((await lookAt(app, single!.id)).tree), lines(" *"));
  assert(find((await lookAt(app, nested!.id)).tree, single!.id));
});

onEachStore(
  "failed, running, waiting and unknown tasks are told apart",
  async (lab) => {
    const app = lab.app();
    const { add, fail } = tasksOf(app);
    const go = new Latch();
    const hold = app.task("hold", async (_: unknown) => await go.opened);
    const result = await group([
      hold.s(1),
      chain(fail.s(2), add.s(1)),
      add.s(1, 1).set({ countdown: "1h" }),
      add.s(1, 1).set({ queue: "nobody" }),
    ]).delay();
    const worker = await lab.worker(app, { queues: ["default"] });
    const id = result.results[1]!.id;
    const last = app.AsyncResult(id);
    await last.get({ propagate: false, timeout: "10s" });
    const found = await lookAt(app, id);
    const [top] = shape(found.tree) as [string];
    assertEquals(top, "group");
    const [, lines] = shape(found.tree) as [string, unknown[]];
    assertMatch(String(lines[0]), /^hold (STARTED|RECEIVED) running$/);
    assertEquals(lines.slice(1), [
      "fail FAILURE",
      ["add FAILURE *"],
      "add PENDING scheduled",
      "add PENDING queued",
    ]);
    const text = treeText(found);
    assertMatch(
      text,
      /^├── fail +\S+ +FAILURE +\d+ms +RangeError: no 2$/m,
    );
    assertMatch(
      text,
      /^│ {3}└── add +\S+ +FAILURE +UpstreamFailedError: .* +← this task$/m,
    );
    assertMatch(text, /^└── add +\S+ +PENDING \(queued\)$/m);
    go.open();
    await worker.stop();
  },
);

onEachStore(
  "of an unknown task it is said that it is not known",
  async (lab) => {
    const app = lab.app();
    const found = await lookAt(app, "nobody");
    assertEquals(shape(found.tree), ["null PENDING *"]);
    assertEquals(
      treeText(found),
      "?  nobody  PENDING (not known)  ← this task",
    );
  },
);

onEachStore(
  "a task whose root is forgotten begins a tree itself",
  async (lab) => {
    const app = lab.app();
    const { add } = tasksOf(app);
    const last = await chain(add.s(1, 1), add.s(1), add.s(1)).delay();
    const middle = last.parent as AsyncResult<unknown>;
    const first = middle.parent as AsyncResult<unknown>;
    await drain(app);
    await first.forget();
    assertEquals(shape((await lookAt(app, middle.id)).tree), [
      "add SUCCESS *",
      ["add SUCCESS"],
    ]);
    await middle.forget();
    assertEquals(shape((await lookAt(app, last.id)).tree), ["add SUCCESS *"]);
  },
);

onMemory("a large tree is cut, and says how much is not shown", async (lab) => {
  const app = lab.app();
  const { add, sum } = tasksOf(app);
  const size = 40;
  const members = Array.from({ length: size }, (_, n) => add.s(n, n));
  const body = await chord(members, sum.s()).delay();
  const alone = await group(members).delay();
  const fan = await chain(add.s(1, 1), group(members.map(() => add.s(1))))
    .delay();
  await drain(app);
  const chords = await lookAt(app, body.id, 10);
  assertEquals([chords.more, chords.tree[0]?.children.length], [size - 9, 10]);
  assert(find(chords.tree, body.id)?.asked);
  const groups = await lookAt(app, alone.results[20]!.id, 10);
  assertEquals([
    groups.more > 0,
    find(groups.tree, memberId(alone.id, 20))?.asked,
  ], [
    true,
    true,
  ]);
  const fans = await lookAt(app, fan.parent!.id, 10);
  assertEquals([fans.more, fans.tree[0]?.children.length], [size - 9, 9]);
  assertMatch(treeText(fans), /\n\nAt least 31 more tasks not shown$/);
});

onMemory("a chain of a thousand links is drawn", async (lab) => {
  const app = lab.app();
  const { add } = tasksOf(app);
  const rest = Array.from({ length: 1_200 }, () => add.s(1));
  const last = await chain(add.s(1, 1), ...rest as [typeof rest[0]]).delay();
  await drain(app, { max: 2_000 });
  const found = await lookAt(app, last.id);
  // What was asked for is shown, however far down it is.
  assertEquals([found.more, found.tree.length], [1, 2]);
  assertEquals(treeText(found).split("\n").length, 1_003);
});

Deno.test("result --tree prints a workflow, as text and as JSON", async () => {
  await using place = new Workplace();
  const url = `sqlite://${place.file("q.db")}`;
  await using app = new Lovage("canvas", { brokerUrl: url });
  const { add, fail } = tasksOf(app);
  const last = await chain(add.s(1, 1), fail.s(), add.s(1)).delay();
  await drain(app);
  const text = await place.bare("result", last.id, "--tree", "-b", url);
  assertEquals(text.code, 1);
  assertMatch(
    text.stdout,
    /^add +\S+ +SUCCESS +\d+ms\n└── fail +\S+ +FAILURE +\d+ms +RangeError: no 2\n {4}└── add +\S+ +FAILURE +UpstreamFailedError: .* +← this task\n$/,
  );
  const first = (last.parent as AsyncResult<unknown>).parent;
  const json = await place.bare(
    "result",
    first!.id,
    "--tree",
    "-b",
    url,
    "--json",
  );
  assertEquals(json.code, 0);
  const { id, state, tree, more } = JSON.parse(json.stdout);
  assertEquals([id, state, more], [first?.id, "SUCCESS", 0]);
  assertEquals(shape(tree), [
    "add SUCCESS *",
    ["fail FAILURE", ["add FAILURE"]],
  ]);
  const both = await place.bare(
    "result",
    "x",
    "--tree",
    "--traceback",
    "-b",
    url,
  );
  assertEquals(both.code, 2);
  assertMatch(both.stderr, /give one of them/);
});
