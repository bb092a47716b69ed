import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as cdktf from "cdktf";
import * as cdktn from "cdktn";
import * as forCdktf from "../../../provider/cdktf/cdktf";
import * as forCdktn from "../../../provider/cdktf/cdktn";

type Written = Record<string, unknown>;

/** The two frameworks have one API; the tests are written against the types of one. */
describe.each([
  ["cdktf", cdktf, forCdktf],
  ["cdktn", cdktn as unknown as typeof cdktf, forCdktn as unknown as typeof forCdktf],
])(
  "a Snapshot for %s",
  (_name, framework, { Snapshot, DaytonaProvider, DataDaytonaRegions, DataDaytonaSnapshot, DataDaytonaSnapshots }) => {
    const newStack = () => {
      const stack = new framework.TerraformStack(framework.Testing.app(), "stack");
      new DaytonaProvider(stack, "daytona", { region: "us" });
      return stack;
    };
    const synth = (stack: cdktf.TerraformStack) => JSON.parse(framework.Testing.synth(stack, true));
    const written = (stack: cdktf.TerraformStack): Record<string, Written> => synth(stack).resource.daytona_snapshot;
    const source = { name: "agent", image: "ubuntu:24.04" };

    test("is written as it is given, and nothing else", () => {
      const stack = newStack();
      new Snapshot(stack, "some-id", {
        name: "agent",
        image: "ubuntu:24.04",
        cpu: 2,
        triggers: { day: "1" },
        timeouts: { create: "45m" },
      });
      expect(written(stack)).toEqual({
        "some-id": {
          name: "agent",
          image: "ubuntu:24.04",
          cpu: 2,
          triggers: { day: "1" },
          timeouts: { create: "45m" },
        },
      });
    });

    test("comes from the provider's address, in any release of this series", () => {
      expect(synth(newStack())).toMatchObject({
        provider: { daytona: [{ region: "us" }] },
        terraform: {
          required_providers: { daytona: { source: "registry.terraform.io/daytona-iac/daytona", version: "~> 0.1" } },
        },
      });
    });

    test("knows the assets of its stack, and paths of the project by where they are", () => {
      const stack = newStack();
      const asset = new framework.TerraformAsset(stack, "files", { path: join(__dirname, "configs.ts") });
      new Snapshot(stack, "asset", { name: "a", dockerfile: asset.path });
      new Snapshot(stack, "folder", { name: "b", dockerfile: "x/Dockerfile", contextDir: dirname(asset.path) });
      new Snapshot(stack, "inside", { name: "c", dockerfile: join(__dirname, "agent/Dockerfile") });
      new Snapshot(stack, "outside", { name: "d", dockerfile: "/elsewhere/Dockerfile" });
      new Snapshot(stack, "module", { name: "e", dockerfile: "${path.module}/../../../agent/Dockerfile" });
      expect(written(stack)).toMatchObject({
        asset: { dockerfile: asset.path },
        folder: { context_dir: dirname(asset.path) },
        inside: { dockerfile: join(__dirname, "agent/Dockerfile") },
        outside: { dockerfile: "/elsewhere/Dockerfile" },
        module: { dockerfile: "${path.module}/../../../agent/Dockerfile" },
      });
    });

    test("writes paths in the project as relative ones where the stack is in the project", () => {
      const before = process.cwd();
      const project = realpathSync(mkdtempSync(join(tmpdir(), "daytona-cdktf-")));
      process.chdir(project);
      try {
        const stack = new framework.TerraformStack(new framework.App({ outdir: "out" }), "dev");
        new DaytonaProvider(stack, "daytona");
        const agent = new Snapshot(stack, "a", { name: "a", dockerfile: join(project, "agent/Dockerfile") });
        expect(agent.toTerraform().resource.daytona_snapshot.a.dockerfile).toBe("../../../agent/Dockerfile");
      } finally {
        process.chdir(before);
        rmSync(project, { recursive: true });
      }
    });

    test("escapes what a Dockerfile says, also through the setter", () => {
      const stack = newStack();
      const snapshot = new Snapshot(stack, "a", { namePrefix: "a-", dockerfileContent: "FROM a\nRUN echo ${X}" });
      expect(written(stack).a).toEqual({ name_prefix: "a-", dockerfile_content: "FROM a\nRUN echo $${X}" });
      snapshot.dockerfileContent = "FROM b\nRUN echo %{X}";
      expect(written(stack).a).toEqual({ name_prefix: "a-", dockerfile_content: "FROM b\nRUN echo %%{X}" });
    });

    test("leaves a Dockerfile alone that refers to another resource", () => {
      const stack = newStack();
      const base = new Snapshot(stack, "base", source);
      new Snapshot(stack, "a", { name: "a", dockerfileContent: `FROM ${base.imageName}\nRUN echo $\${X}` });
      expect(written(stack).a?.dockerfile_content).toBe("FROM ${daytona_snapshot.base.image_name}\nRUN echo $${X}");
    });

    test("takes an Image object, and changes from it to a string and back", () => {
      const stack = newStack();
      const image = { dockerfile: "FROM a\nRUN echo ${X}", contextList: [] };
      const snapshot = new Snapshot(stack, "a", { name: "a", image });
      expect(written(stack).a).toEqual({ name: "a", dockerfile_content: "FROM a\nRUN echo $${X}" });
      snapshot.image = "ubuntu:24.04";
      expect(written(stack).a).toEqual({ name: "a", image: "ubuntu:24.04" });
      snapshot.image = image;
      expect(written(stack).a).toEqual({ name: "a", dockerfile_content: "FROM a\nRUN echo $${X}" });
      snapshot.resetImage();
      snapshot.image = "ubuntu:24.04";
      expect(written(stack).a).toEqual({ name: "a", image: "ubuntu:24.04" });
    });

    test("an Image brings its local files, and takes them along when another source is set", () => {
      const image = { dockerfile: "FROM a\nCOPY b b", contextList: [{ sourcePath: "some/b", archivePath: "b" }] };
      const stack = newStack();
      const snapshot = new Snapshot(stack, "a", { name: "a", image });
      const { context_dir, ...others } = written(stack).a as Record<string, unknown>;
      expect(others).toEqual({ name: "a", dockerfile_content: "FROM a\nCOPY b b", context: ["b"] });
      // From the folder of the stack, where Terraform runs.
      expect(context_dir).toMatch(/^(\.\.\/)+.*some$/);
      snapshot.image = "ubuntu:24.04";
      expect(written(stack).a).toEqual({ name: "a", image: "ubuntu:24.04" });
    });

    test("an Image may bring files of several folders; one that renames a file is refused, at once and by its path", () => {
      const of = (...files: [string, string][]) => ({
        dockerfile: "FROM a\nCOPY b b",
        contextList: files.map(([sourcePath, archivePath]) => ({ sourcePath, archivePath })),
      });
      const stack = newStack();
      new Snapshot(stack, "a", { name: "a", image: of(["x/b", "b"], ["y/c", "c"]) });
      const { context_dir, context } = written(stack).a as Record<string, unknown>;
      // From the folder of the stack, where Terraform runs, to that of the program.
      expect(context_dir).toMatch(/^\.\.\//);
      expect(context).toEqual(["x/./b", "y/./c"]);
      expect(() => new Snapshot(newStack(), "a", { name: "a", image: of(["x/b", "c"]) })).toThrow(
        'Snapshot "stack/a": the Image object sends "x/b" as "c", but a build context cannot rename files. Keep the end of the path the same.',
      );
    });

    describe("is checked at synth, so that setters, resets and overrides count", () => {
      const problems = (change: (snapshot: forCdktf.Snapshot) => void) => {
        const stack = newStack();
        const snapshot = new Snapshot(stack, "a", source);
        change(snapshot);
        return snapshot.node.validate();
      };
      const bothSources =
        "Set exactly one of image, dockerfile, dockerfileContent, localImage and sourceSandbox. image and dockerfileContent are set: call resetImage() or resetDockerfileContent() to remove one.";
      const noSource =
        "A snapshot needs a source: set exactly one of image, dockerfile, dockerfileContent, localImage and sourceSandbox.";

      test("as it stands there is no problem", () => expect(problems(() => undefined)).toEqual([]));
      test("both sources", () =>
        expect(problems((snapshot) => (snapshot.dockerfileContent = "FROM a"))).toEqual([bothSources]));
      test("no source", () => expect(problems((snapshot) => snapshot.resetImage())).toEqual([noSource]));
      test("both names", () =>
        expect(problems((snapshot) => (snapshot.namePrefix = "a-"))).toEqual([
          "Set exactly one of name and namePrefix. name and namePrefix are set: call resetName() or resetNamePrefix() to remove one.",
        ]));
      test("no name", () =>
        expect(problems((snapshot) => snapshot.resetName())).toEqual([
          "A snapshot needs a name: set exactly one of name and namePrefix.",
        ]));
      test("another replacement", () =>
        expect(problems((snapshot) => (snapshot.replacement = "blue"))).toEqual([
          'replacement must be "swap" or "recreate", not "blue".',
        ]));
      test("a replacement that only Terraform knows", () =>
        expect(
          problems(
            (snapshot) => (snapshot.replacement = new framework.TerraformVariable(snapshot, "v", {}).stringValue),
          ),
        ).toEqual([]));
      test("an override that makes it two", () =>
        expect(problems((snapshot) => snapshot.addOverride("dockerfile_content", "FROM a"))).toEqual([bothSources]));
      test("an override that makes it one", () =>
        expect(
          problems((snapshot) => {
            snapshot.resetImage();
            snapshot.addOverride("dockerfile_content", "FROM a");
          }),
        ).toEqual([]));
      test("synth fails with the construct's path", () => {
        const stack = newStack();
        new Snapshot(stack, "a", source).resetImage();
        expect(() => framework.Testing.synth(stack, true)).toThrow(`[stack/a] ${noSource}`);
      });
    });

    test("is imported, overridden and referred to like any resource", () => {
      const stack = newStack();
      const snapshot = new Snapshot(stack, "a", { ...source, lifecycle: { createBeforeDestroy: true } });
      snapshot.importFrom("agent");
      snapshot.addOverride("memory", 8);
      new framework.TerraformOutput(stack, "name", { value: snapshot.name });
      // Without the validations: the framework's own asks terraform for its version.
      const document = JSON.parse(framework.Testing.synth(stack));
      expect(document.import).toEqual([{ id: "agent", to: "daytona_snapshot.a" }]);
      expect(document.resource.daytona_snapshot.a).toEqual({
        ...source,
        memory: 8,
        lifecycle: { create_before_destroy: true },
      });
      expect(document.output).toEqual({ name: { value: "${daytona_snapshot.a.name}" } });
      expect(Snapshot.isTerraformResource(snapshot)).toBe(true);
    });

    test("moves to another construct, and is no longer checked there", () => {
      const stack = newStack();
      const old = new Snapshot(stack, "old", source);
      new Snapshot(stack, "new", source).addMoveTarget("agent");
      old.resetImage();
      old.moveTo("agent");
      const document = synth(stack);
      expect(document.moved).toEqual([{ from: "daytona_snapshot.old", to: "daytona_snapshot.new" }]);
      expect(Object.keys(document.resource.daytona_snapshot)).toEqual(["new"]);
    });

    test("writes timeouts as an attribute where HCL is asked for", () => {
      const stack = newStack();
      new Snapshot(stack, "a", { ...source, timeouts: { create: "45m" } });
      expect(framework.Testing.synthHcl(stack)).toContain('timeouts = {\ncreate = "45m"\n}');
    });

    test("has the data sources beside it", () => {
      const stack = newStack();
      const one = new DataDaytonaSnapshot(stack, "one", { name: "agent" });
      const all = new DataDaytonaSnapshots(stack, "all", { states: ["active"] });
      const regions = new DataDaytonaRegions(stack, "regions");
      new framework.TerraformOutput(stack, "out", {
        value: [one.id, all.names, all.snapshots.get(0).name, regions.ids],
      });
      const document = synth(stack);
      expect(document.data).toEqual({
        daytona_snapshot: { one: { name: "agent" } },
        daytona_snapshots: { all: { states: ["active"] } },
        daytona_regions: { regions: {} },
      });
      expect(document.output.out.value).toEqual([
        "${data.daytona_snapshot.one.id}",
        "${data.daytona_snapshots.all.names}",
        "${data.daytona_snapshots.all.snapshots[0].name}",
        "${data.daytona_regions.regions.ids}",
      ]);
    });
  },
);
