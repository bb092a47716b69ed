import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fromStackFolder, projectFolder } from "../../../provider/cdktf/paths";

const isToken = (text: string) => text.includes("${");
const moved = (attributes: Record<string, unknown>) => fromStackFolder(attributes, "cdktf.out/stacks/dev", isToken);

test("paths of the program are written relative to the folder in which Terraform runs", () => {
  expect(moved({ name: "agent", dockerfile: "app/Dockerfile", context_dir: "." })).toEqual({
    name: "agent",
    dockerfile: "../../../app/Dockerfile",
    context_dir: "../../..",
  });
  expect(moved({ dockerfile: { value: "Dockerfile", type: "simple" } })).toEqual({
    dockerfile: { value: "../../../Dockerfile", type: "simple" },
  });
});

test("absolute paths, tokens and assets stay; so does what is not written", () => {
  const stay = { dockerfile: join(__dirname, "Dockerfile"), context_dir: "${TfToken[0]}" };
  expect(moved(stay)).toEqual(stay);
  expect(moved({ dockerfile: "assets/app/0123/Dockerfile", context_dir: undefined })).toEqual({
    dockerfile: "assets/app/0123/Dockerfile",
    context_dir: undefined,
  });
});

test("a folder of the project that is called assets is one of the project; the stack's assets are known", () => {
  const project = mkdtempSync(join(tmpdir(), "daytona-assets-"));
  const before = process.cwd();
  process.chdir(project);
  try {
    mkdirSync(join(project, "assets/agent"), { recursive: true });
    writeFileSync(join(project, "assets/agent/Dockerfile"), "FROM a:1\n");
    const assets = ["assets/app/0123", "assets/file/4567/Dockerfile"];
    const at = (dockerfile: string, context_dir: string): unknown => {
      const { dockerfile: file, context_dir: folder } = fromStackFolder(
        { dockerfile, context_dir },
        "cdktf.out/stacks/dev",
        isToken,
        { assets },
      );
      return [file, folder];
    };
    expect(at("assets/agent/Dockerfile", "assets")).toEqual(["../../../assets/agent/Dockerfile", "../../../assets"]);
    expect(at("./assets/agent/Dockerfile", "assets/agent/")).toEqual([
      "../../../assets/agent/Dockerfile",
      "../../../assets/agent",
    ]);
    for (const path of [
      "assets/app/0123",
      "assets/app/0123/docker/Dockerfile",
      "assets/file/4567/Dockerfile",
      "assets/file/4567",
      "assets/other/1",
    ])
      expect(at(path, `${path}/`)).toEqual([path, `${path}/`]);
    // Also where the project has a folder of the same name.
    mkdirSync(join(project, "assets/app/0123"), { recursive: true });
    expect(at("assets/app/0123/Dockerfile", "assets/app")).toEqual([
      "assets/app/0123/Dockerfile",
      "../../../assets/app",
    ]);
  } finally {
    process.chdir(before);
    rmSync(project, { recursive: true });
  }
});

test("what Terraform reads as a template is its own, a literal one is a path", () => {
  const stay = { dockerfile: "${path.module}/../../../agent/Dockerfile", context_dir: "a/%{ if x }b%{ endif }" };
  expect(fromStackFolder(stay, "cdktf.out/stacks/dev", () => false)).toEqual(stay);
  const archive = { local_image: "oci-archive:${path.root}/x.tar" };
  expect(fromStackFolder(archive, "cdktf.out/stacks/dev", () => false)).toEqual(archive);
  expect(fromStackFolder({ dockerfile: "a$${b}/Dockerfile" }, "cdktf.out/stacks/dev", () => false)).toEqual({
    dockerfile: "../../../a$${b}/Dockerfile",
  });
});

test("an absolute path inside of the project becomes a relative one, so that it is the same on every machine", () => {
  const project = resolve("project");
  const at = (attributes: Record<string, unknown>, folder = "project/cdktf.out/stacks/dev") =>
    fromStackFolder(attributes, folder, isToken, { project });
  expect(
    at({
      dockerfile: join(project, "agent/Dockerfile"),
      context_dir: project,
      local_image: `oci-archive:${join(project, "x.tar")}:1.0`,
    }),
  ).toEqual({
    dockerfile: "../../../agent/Dockerfile",
    context_dir: "../../..",
    local_image: "oci-archive:../../../x.tar:1.0",
  });
  for (const outside of [
    resolve("."),
    resolve("other/Dockerfile"),
    resolve("project-2/Dockerfile"),
    resolve("Dockerfile"),
  ])
    expect(at({ dockerfile: outside })).toEqual({ dockerfile: outside });
  expect(at({ dockerfile: join(project, "..agent/Dockerfile") })).toEqual({
    dockerfile: "../../../..agent/Dockerfile",
  });
  // Where Terraform runs elsewhere, the way from there is not the same on every machine.
  expect(at({ dockerfile: join(project, "Dockerfile") }, "/elsewhere/stacks/dev")).toEqual({
    dockerfile: join(project, "Dockerfile"),
  });
});

test("absolute paths in the list of the context are written from its root", () => {
  const root = resolve("app");
  const list = [join(root, "src"), "main.py", root, resolve("other"), "${var.x}"];
  const written = ["src", "main.py", ".", resolve("other"), "${var.x}"];
  for (const place of [
    { context_dir: "app" },
    { dockerfile: "app/Dockerfile" },
    { context_dir: root, dockerfile: "x/D" },
  ])
    expect(moved({ ...place, context: list })).toMatchObject({ context: written });
  expect(moved({ context_dir: "app", context: { value: list, isBlock: false } })).toMatchObject({
    context: { value: written, isBlock: false },
  });
  for (const place of [{ context_dir: "${TfToken[0]}", dockerfile: "app/D" }, {}])
    expect(moved({ ...place, context: list })).toMatchObject({ context: list });
});

test("the project is where its cdktf.json is, from the working directory upwards", () => {
  const project = realpathSync(mkdtempSync(join(tmpdir(), "daytona-project-")));
  const before = process.cwd();
  try {
    mkdirSync(join(project, "infra/src"), { recursive: true });
    process.chdir(join(project, "infra/src"));
    expect(projectFolder()).toBe(join(project, "infra/src"));
    writeFileSync(join(project, "infra/cdktf.json"), "{}");
    expect(projectFolder()).toBe(join(project, "infra"));
  } finally {
    process.chdir(before);
    rmSync(project, { recursive: true });
  }
});

test("the archive of a local image is a path, the name of an image in the engine is none", () => {
  expect(moved({ local_image: "oci-archive:build/image.tar:1.0" })).toEqual({
    local_image: "oci-archive:../../../build/image.tar:1.0",
  });
  expect(moved({ local_image: { value: "oci:layout" } })).toEqual({ local_image: { value: "oci:../../../layout" } });
  for (const local_image of ["agent:dev", "docker-archive:/abs/a.tar", "oci:${TfToken[0]}"])
    expect(moved({ local_image })).toEqual({ local_image });
});
