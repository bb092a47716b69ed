import { agent, ok, setup } from "./setup";

jest.setTimeout(90_000);
const { api, project } = setup();
const state = "daytona_snapshot.agent";
const image = `ghcr.io/acme/agent:1@sha256:${"3".repeat(64)}`;
const source = `image = "${image}"`;
const from = (): string | null | undefined => api().control.snapshot("agent")?.buildInfo?.dockerfileContent;

test("an image with a digest: created, no change after it, refreshed, imported, replaced and destroyed", async () => {
  const program = project(agent('entrypoint = ["sh", "-c", "sleep 9"]', source));
  ok(await program.apply());
  expect(from()).toBe(`FROM ${image}\nENTRYPOINT ["sh","-c","sleep 9"]\n# daytona-iac image\n`);
  expect(api().control.contentOf("agent")).toBe(`sha256:${"3".repeat(64)}`);
  expect(program.state()[state]?.values).toMatchObject({
    image,
    image_name: "",
    dockerfile_content: null,
    entrypoint: ["sh", "-c", "sleep 9"],
    state: "active",
  });
  expect((await program.plan()).code).toBe(0);
  const { values } = program.state()[state]!;
  ok(await program.apply("-refresh-only"));
  expect(program.state()[state]?.values).toEqual(values);

  const other = project(agent("", source));
  ok(await other.run(["import", state, "agent"]));
  expect(other.state()[state]?.values).toMatchObject({ image, dockerfile_content: null });
  expect((await other.plan()).code).toBe(0);

  const adopting = project(agent('adopt_existing = true\n entrypoint = ["sh", "-c", "sleep 9"]', source));
  const { id } = api().control.snapshot("agent")!;
  ok(await adopting.apply());
  expect(adopting.state()[state]?.values["id"]).toBe(id);

  program.program(agent('triggers = { week = "2" }', source));
  const replaced = ok(await program.apply());
  expect(replaced.changes).toEqual([`update ${state}`]);
  expect(new Set(replaced.warnings.map(({ summary }) => summary))).toEqual(
    new Set(['A swap replaces snapshot "agent"']),
  );
  expect(from()).toMatch(/^FROM \S+\n# daytona-iac image\n# daytona-iac triggers [0-9a-f]{64}\n$/);
  expect(api().control.snapshots()).toHaveLength(1);
  expect((await program.plan()).code).toBe(0);

  ok(await program.run(["destroy", "-auto-approve"]));
  expect(api().control.snapshots()).toEqual([]);
});

test("one that a newer server has pulled is the same, and a program is written for either", async () => {
  api().control.insert({ name: "agent", imageName: image });
  const program = project(agent("", source));
  ok(await program.run(["import", state, "agent"]));
  expect((await program.plan()).code).toBe(0);

  api().control.remove("agent");
  const maker = project(agent("", source));
  ok(await maker.apply());
  const written = project(`import {\n to = ${state}\n id = "agent"\n}\n`);
  ok(await written.plan("-generate-config-out=generated.tf"), 2);
  expect(written.read("generated.tf")).toMatch(new RegExp(`image\\s+= "${image.replaceAll(".", "\\.")}"`));
  expect(written.read("generated.tf")).toMatch(/dockerfile_content\s+= null/);
  ok(await written.apply());
  expect((await written.plan()).code).toBe(0);
});

test.each(["swap", "recreate"])(
  "a change of triggers of a tag warns that the content may be the old one: %s",
  async (how) => {
    const program = project(agent(`replacement = "${how}"`));
    ok(await program.apply());
    expect(api().control.contentOf("agent")).toMatch(/^sha256:/);
    const before = api().control.contentOf("agent");
    api().control.moveTag("ubuntu:24.04");
    program.program(agent(`replacement = "${how}"\n triggers = { week = "2" }`));
    const plan = ok(await program.plan(), 2);
    const told = plan.warnings.filter(({ summary }) => summary.includes("may keep"));
    expect(told).toMatchObject([
      {
        summary: 'Snapshot "agent" may keep the old content of ubuntu:24.04',
        detail:
          'Changing triggers creates a new snapshot, but a runner does not pull a tag that it already has, even if the tag has moved in the registry since. To use the current content of the tag, set pin_digest to true, write its digest in image ("ubuntu:24.04@sha256:…"), or use a Dockerfile with FROM, whose base image is looked up again for every build.',
        snippet: { code: expect.stringContaining("triggers = ") },
      },
    ]);
    ok(await program.apply());
    expect(api().control.contentOf("agent")).toBe(before);
  },
);
