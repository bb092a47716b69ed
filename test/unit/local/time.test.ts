import { createHash } from "node:crypto";
import { LocalClock } from "../../../provider/local/world/clock";
import { call, closeAll, start, until } from "./harness";

afterEach(closeAll);

test("held time passes by hand only, in order, and what it sets off in it", async () => {
  const clock = new LocalClock();
  const done: string[] = [];
  clock.later(1000, () => done.push("b"));
  clock.hold();
  clock.later(500, () => {
    done.push("a");
    clock.later(100, () => done.push("a+100"));
    clock.later(0, () => done.push("at once"));
  });
  void clock.sleep(2000).then(() => done.push("slept"));
  const cancel = clock.later(700, () => done.push("never"));
  const began = await clock.pass(0);
  expect(await clock.pass(499)).toBe(began + 499);
  expect(done).toEqual([]);
  cancel();
  await clock.pass(1);
  expect(done).toEqual(["a", "at once"]);
  await clock.pass(500);
  expect(done).toEqual(["a", "at once", "a+100", "b"]);
  clock.close();
  await clock.sleep(1_000_000);
  expect(done).toEqual(["a", "at once", "a+100", "b", "slept"]);
});

test("time that is not held cannot be passed by hand", async () => {
  const local = await start();
  await expect(local.control.passTime(1)).rejects.toThrow("time is not held");
});

test("a pull in held time goes on when time does", async () => {
  const local = await start({ pullSeconds: 3600, inspectSeconds: 60, cronSeconds: 600 });
  local.control.holdTime();
  const { id } = (await call(local, "POST", "/snapshots", { name: "a", imageName: "u:1" })).body;
  const states: string[] = [];
  for (const ms of [0, 59_000, 2000, 3_590_000, 20_000]) {
    await local.control.passTime(ms);
    states.push(local.control.snapshot(id)!.state);
  }
  expect(states).toEqual(["pending", "pending", "pulling", "pulling", "active"]);
});

test("a build lacks a context: it fails where that is looked for", async () => {
  const local = await start();
  const hash = createHash("md5").update("context").digest("hex");
  const build = async (name: string) =>
    (
      await call(local, "POST", "/snapshots", {
        name,
        buildInfo: { dockerfileContent: `FROM ${name}`, contextHashes: [hash] },
      })
    ).body.id;
  await until(local, await build("unchecked"), "active");
  local.control.settings({ checkContexts: true });
  const failed = await until(local, await build("checked"), "error");
  expect(failed.errorReason).toBe(
    `failed to get tar from storage with hash ${hash}: failed to read object data: The specified key does not exist.`,
  );
});
