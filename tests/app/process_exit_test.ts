import { assert, assertEquals } from "@std/assert";

Deno.test("a script that closes nothing ends when it is done", async () => {
  const folder = await Deno.makeTempDir();
  const start = performance.now();
  const { stdout, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      new URL("./fixtures/short_script.ts", import.meta.url).pathname,
    ],
    env: { LOVAGE_BROKER_URL: `sqlite://${folder}/short.db` },
    stderr: "inherit",
  }).output();
  const ms = performance.now() - start;
  assertEquals([code, new TextDecoder().decode(stdout)], [0, "3\n"]);
  // What lingers in the background does so for five seconds and more.
  assert(ms < 4500, `it took ${Math.round(ms)} ms`);
  await Deno.remove(folder, { recursive: true });
});
