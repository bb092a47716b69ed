import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { putImage } from "../../unit/lifecycle/resolve/images";
import { type Registry, startRegistry } from "../../unit/lifecycle/publish/image/real";
import { withTools } from "../../unit/lifecycle/publish/image/docker";
import { buildExecutable } from "../support/executable";
import { agent, idle, ok, setup } from "./setup";

/** Tags of a real registry that move between the runs of a real Terraform. */

jest.setTimeout(180_000);
const { api, project } = setup();
const state = "daytona_snapshot.agent";
let provider: ReturnType<typeof buildExecutable>;
beforeAll(() => void (provider = buildExecutable()));
afterAll(() => provider.remove());
const asks = { env: { DAYTONA_RESOLVE_TAGS: "true" } };

withTools(["docker-registry", "skopeo"], "a tag", () => {
  let registry: Registry;
  let image: string;
  let count = 0;
  beforeAll(async () => void (registry = await startRegistry()));
  afterAll(() => registry.stop());
  beforeEach(() => void (image = `${registry.host}/team/app-${(count += 1)}:1`));
  /** The tag names other content from now on, in the registry and for the simulated runner. */
  const move = (content: string): string => {
    api().control.moveTag(image);
    return putImage(image, content);
  };
  const program = (body = "") => agent(body, `image = "${image}"`);
  const values = (of: ReturnType<typeof project>) => of.state()[state]!.values;

  test("that is not pinned: its digest in the state, a note when it has moved, and what a change of triggers risks", async () => {
    const a = putImage(image, "a");
    const made = project(program(), asks);
    expect((await made.run(["plan", "-no-color"])).stdout).toMatch(new RegExp(`\\+ image_digest +=.*${a}`));
    ok(await made.apply());
    expect(values(made)).toMatchObject({
      image,
      image_digest: a,
      image_name: image,
      pin_digest: false,
      track_tag: false,
    });
    const before = values(made);
    expect((await made.plan()).code).toBe(0);

    const b = move("b");
    const noted = ok(await made.plan());
    expect(noted.warnings).toMatchObject([
      {
        summary: 'The tag of snapshot "agent" has moved',
        detail: `${image} was ${a} when the snapshot was created, and is ${b} now. The snapshot keeps its content. To replace it whenever the tag moves, set track_tag to true. To replace it once, set pin_digest to true and change triggers.`,
      },
    ]);
    ok(await made.apply("-refresh-only"));
    expect(values(made)).toEqual(before);

    const content = api().control.contentOf("agent");
    made.program(program('triggers = { week = "2" }'));
    const risky = ok(await made.plan(), 2);
    const told = risky.warnings.filter(({ summary }) => summary.includes("may keep the old content"));
    expect(told).toHaveLength(1);
    expect(told[0]!.detail).toContain(`${image} was ${a} when the snapshot was created, and is ${b} now.`);
    ok(await made.apply());
    // As it was told: the runner has kept what it had.
    expect(api().control.contentOf("agent")).toBe(content);
    expect(values(made)).toMatchObject({ image_digest: b });
    expect((await made.plan()).code).toBe(0);
  });

  test("that is pinned: made from the digest, also after an activation, and again with a change of triggers", async () => {
    const a = putImage(image, "a");
    const made = project(program("pin_digest = true"), asks);
    ok(await made.apply());
    expect(api().control.snapshot("agent")?.buildInfo?.dockerfileContent).toBe(
      `FROM ${image}@${a}\n# daytona-iac image\n`,
    );
    expect(api().control.contentOf("agent")).toBe(a);
    expect(values(made)).toMatchObject({ image, image_digest: a, image_name: "", dockerfile_content: null });
    const before = values(made);
    ok(await made.apply("-refresh-only"));
    expect(values(made)).toEqual(before);

    const b = move("b");
    idle(api(), "agent");
    ok(await made.apply());
    expect(api().control.contentOf("agent")).toBe(a);
    made.program(program("pin_digest = true\n cpu = 2"));
    ok(await made.apply());
    expect(api().control.contentOf("agent")).toBe(a);
    made.program(program('pin_digest = true\n cpu = 2\n triggers = { week = "2" }'));
    expect((await made.run(["plan", "-no-color"])).stdout).toContain(b);
    ok(await made.apply());
    expect(api().control.contentOf("agent")).toBe(b);
    expect(values(made)).toMatchObject({ image, image_digest: b });
    expect((await made.plan()).code).toBe(0);

    const other = project(program("pin_digest = true"), asks);
    ok(await other.run(["import", state, "agent"]));
    expect(ok(await other.plan(), 2).changes).toEqual([`update ${state}`]);
    const { id } = api().control.snapshot("agent")!;
    ok(await other.apply());
    expect(values(other)).toMatchObject({ id, image, image_digest: b });
    expect((await other.plan()).code).toBe(0);

    made.program(program('cpu = 2\n triggers = { week = "2" }'));
    ok(await made.apply());
    expect(api().control.snapshot("agent")!.id).toBe(id);
  });

  test.each(["swap", "recreate"])("that is tracked: a moved tag is a %s to the new digest", async (how) => {
    const a = putImage(image, "a");
    const made = project(program(`track_tag = true\n replacement = "${how}"`), asks);
    ok(await made.apply());
    expect(api().control.contentOf("agent")).toBe(a);
    expect((await made.plan()).code).toBe(0);

    const b = move("b");
    const plan = ok(await made.plan(), 2);
    expect(plan.changes).toEqual([how === "swap" ? `update ${state}` : `replace ${state}`]);
    const { stdout } = await made.run(["plan", "-no-color"]);
    expect(stdout).toMatch(new RegExp(`image_digest +=.*${a}.*->.*${b}`));
    ok(await made.apply());
    expect(api().control.contentOf("agent")).toBe(b);
    expect(api().control.snapshots()).toHaveLength(1);
    expect(values(made)).toMatchObject({ image, image_digest: b });
    expect((await made.plan()).code).toBe(0);
  });

  test("that is pinned later replaces the snapshot", async () => {
    const a = putImage(image, "a");
    const made = project(program(), asks);
    ok(await made.apply());
    made.program(program("pin_digest = true"));
    const { id } = api().control.snapshot("agent")!;
    ok(await made.apply());
    expect(api().control.snapshot("agent")!.id).not.toBe(id);
    expect(api().control.contentOf("agent")).toBe(a);
    expect((await made.plan()).code).toBe(0);
  });

  test("that moves between the plan and the apply of a saved plan: the planned digest is used", async () => {
    const a = putImage(image, "a");
    const made = project(program("pin_digest = true"), { ...asks, executable: provider.dir });
    ok(await made.plan("-out=tfplan"), 2);
    move("b");
    ok(await made.run(["apply", "-json", "tfplan"]));
    expect(api().control.contentOf("agent")).toBe(a);
    expect(values(made)).toMatchObject({ image_digest: a });
  });

  test.each([
    ["whose image nobody can ask for", "", "recreate"],
    ["of another name", "other", "swap"],
  ])("a replacement %s deletes nothing", async (_what, name, how) => {
    const a = putImage(image, "a");
    const more = `pin_digest = true\n replacement = "${how}"`;
    const made = project(program(more), asks);
    ok(await made.apply());
    const { id } = api().control.snapshot("agent")!;
    const next = agent(more, `image = "${image.replace(/:1$/, ":missing")}"`);
    made.program(name === "" ? next : next.replace('"agent"\n', `"${name}"\n`));
    const plan = ok(await made.plan(), 2);
    expect(plan.changes).toEqual([`replace ${state}`]);
    expect(plan.warnings.map(({ summary }) => summary)).toContainEqual(
      expect.stringContaining(":missing is not known yet"),
    );
    for (let time = 0; time < 2; time += 1) {
      const { errors, code } = await made.apply();
      expect(code).toBe(1);
      expect(errors[0]).toMatchObject({
        summary: `Replacing snapshot "agent": the digest of ${image.replace(/:1$/, ":missing")} is unknown`,
        detail: expect.stringContaining("so the old one was not deleted."),
      });
      expect(api().control.snapshots()).toMatchObject([{ id }]);
    }
    expect(JSON.stringify(made.state()[state]!.private ?? {})).not.toContain("digest-open");
    made.program(program(more));
    expect((await made.plan()).code).toBe(0);
    expect(values(made)).toMatchObject({ image_digest: a });
    made.program("");
    ok(await made.apply());
    expect(api().control.snapshots()).toEqual([]);
  });

  test("a replacement for another reason keeps the digest, also where no registry is asked", async () => {
    const a = putImage(image, "a");
    const more = 'pin_digest = true\n replacement = "recreate"';
    const made = project(program(more), asks);
    ok(await made.apply());
    move("b");
    const off = `provider "daytona" {\n resolve_tags = false\n}\n${program(`${more}\n cpu = 2`)}`;
    made.program(off);
    expect(ok(await made.plan(), 2).changes).toEqual([`replace ${state}`]);
    ok(await made.apply());
    expect(api().control.contentOf("agent")).toBe(a);
    expect(values(made)).toMatchObject({ image_digest: a });
    expect((await made.plan()).code).toBe(0);
  });

  test("that no registry knows: a pinned snapshot is not created", async () => {
    const made = project(program("pin_digest = true"), asks);
    const plan = ok(await made.plan(), 2);
    expect(plan.warnings.map(({ summary }) => summary)).toEqual([`The digest of ${image} is not known yet`]);
    const { errors, code } = await made.apply();
    expect(code).toBe(1);
    expect(errors[0]).toMatchObject({
      summary: `Creating snapshot "agent": the digest of ${image} is unknown`,
      detail: expect.stringContaining("pin_digest is true, so the snapshot is not created from the tag."),
    });
    expect(api().control.snapshots()).toEqual([]);
  });
});

describe("resolve_tags", () => {
  let server: Server;
  let asked = 0;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(403).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  });
  afterAll(() => void server.close());
  beforeEach(() => void (asked = 0));

  test.each<[string, Record<string, string>, string, boolean]>([
    ["by default", { DAYTONA_RESOLVE_TAGS: "" }, "", true],
    ["off in the environment", { DAYTONA_RESOLVE_TAGS: "false" }, "", false],
    ["off in the program", { DAYTONA_RESOLVE_TAGS: "true" }, 'provider "daytona" {\n resolve_tags = false\n}\n', false],
    ["on in the program", { DAYTONA_RESOLVE_TAGS: "false" }, 'provider "daytona" {\n resolve_tags = true\n}\n', true],
  ])("%s", async (_, env, provider, on) => {
    const image = `127.0.0.1:${(server.address() as AddressInfo).port}/team/app:1`;
    const made = project(`${provider}${agent("", `image = "${image}"`)}`, { env });
    ok(await made.apply());
    expect(asked > 0).toBe(on);
    asked = 0;
    ok(await made.plan());
    // Nothing to compare with: the registry has told no digest.
    expect({ asked, digest: made.state()[state]!.values["image_digest"] }).toEqual({ asked: 0, digest: null });
  });
});
