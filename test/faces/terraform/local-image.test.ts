import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { type Registry, startRegistry, withEngine } from "../../unit/lifecycle/publish/image/real";
import { ociFiles, writeFolder, writeTar } from "../../unit/source/local-image/images";
import { buildExecutable } from "../support/executable";
import { Project } from "../support/terraform";
import { ok, quick } from "./setup";

jest.setTimeout(120_000);

withEngine("local_image", () => {
  let provider: ReturnType<typeof buildExecutable>;
  let registry: Registry;
  let api: LocalApi;
  const projects: Project[] = [];
  beforeAll(async () => {
    provider = buildExecutable();
    registry = await startRegistry();
    api = await startLocalApi({
      ...quick,
      registry: { url: registry.host, username: "robot", secret: "planted-secret" },
    });
  });
  afterEach(() => {
    for (const project of projects.splice(0)) project.remove();
    api.control.reset();
  });
  afterAll(async () => {
    provider.remove();
    await Promise.all([registry.stop(), api.close()]);
  });
  function program(localImage: string, body = ""): Project {
    const project = new Project({
      executable: provider.dir,
      env: { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey, DOCKER_HOST: "" },
    });
    projects.push(project);
    return project.program(
      `resource "daytona_snapshot" "agent" {\n  name = "agent"\n  local_image = "${localImage}"\n  ${body}\n}\n`,
    );
  }
  const layout = (project: Project, text: string): void => {
    rmSync(join(project.dir, "build/image"), { recursive: true, force: true });
    mkdirSync(join(project.dir, "build"), { recursive: true });
    writeFolder(join(project.dir, "build/image"), ociFiles([{ text }]));
  };

  test("is pushed, plans nothing then, is one change for new content, and needs no archive to be destroyed", async () => {
    const project = program("oci:build/image", 'entrypoint = ["/file"]');
    layout(project, "one");
    ok(await project.apply());
    const pushed = () => String(api.control.snapshot("agent")?.imageName);
    const first = pushed();
    expect(first).toMatch(new RegExp(`^${registry.host}/daytona/image-\\d{17}:v2-[0-9a-f]{64}$`));
    expect(project.state()["daytona_snapshot.agent"]?.values).toMatchObject({
      local_image: "oci:build/image",
      image: null,
      source_hash: `v2:${first.slice(-64)}`,
      image_name: first,
    });
    expect((await project.plan()).code).toBe(0);
    layout(project, "one");
    expect((await project.plan()).code).toBe(0);
    layout(project, "two");
    expect((await project.plan()).changes).toEqual(["update daytona_snapshot.agent"]);
    ok(await project.apply());
    expect(pushed().slice(-64)).not.toBe(first.slice(-64));
    expect((await project.plan()).code).toBe(0);
    expect(project.read("terraform.tfstate")).not.toContain("planted-secret");

    rmSync(join(project.dir, "build"), { recursive: true });
    const without = await project.plan();
    expect(without.code).toBe(2);
    expect(without.warnings[0]?.detail).toMatch(
      /^The image archive "build\/image" \(.*\) does not exist\. Build the image first, or correct the path\. Until that is corrected, the source counts as changed, and an apply fails before it changes anything\.$/,
    );
    const applied = await project.apply();
    expect(applied.errors[0]?.summary).toBe('Updating snapshot "agent": local image not usable');
    expect(api.control.snapshot("agent")?.imageName).toBe(
      project.state()["daytona_snapshot.agent"]?.values["image_name"],
    );
    ok(await project.destroy());
    expect(api.control.snapshots()).toEqual([]);
  });

  test("the example of the reference page is applied, plans nothing then, and is destroyed", async () => {
    const example = readFileSync(resolve(__dirname, "../../../examples/docs/snapshot-local-image.tf"), "utf8");
    expect(readFileSync(resolve(__dirname, "../../../docs/resources/snapshot.md"), "utf8")).toContain(example);
    const project = program("").program(example);
    mkdirSync(join(project.dir, "build"));
    writeTar(join(project.dir, "build/image.tar"), ociFiles([{ tag: "latest" }]));
    ok(await project.apply());
    expect((await project.plan()).code).toBe(0);
    ok(await project.destroy());
  });

  test("what cannot be used is told at plan, at the attribute", async () => {
    const missing = await program("oci-archive:none.tar").plan();
    expect(missing.errors[0]).toMatchObject({
      summary: "Local image not usable",
      snippet: { code: '  local_image = "oci-archive:none.tar"' },
    });
    const both = await program("agent:dev", 'image = "ubuntu:24.04"').validate();
    expect(both.errors[0]?.detail).toBe(
      "Set exactly one of image, dockerfile, dockerfile_content, local_image and source_sandbox. image and local_image are set.",
    );
    const transport = await program("docker-daemon:agent:dev").validate();
    expect(transport.errors[0]?.detail).toBe(
      '"docker-daemon:agent:dev" has a transport that is not supported. Use the name of an image in the local engine, or "oci-archive:FILE", "oci:FOLDER" or "docker-archive:FILE".',
    );
    const context = await program("agent:dev", 'context_dir = "."').validate();
    expect(context.errors[0]?.detail).toBe(
      "context_dir can only be set for a build. Remove it, or set dockerfile instead of local_image.",
    );
  });
});
