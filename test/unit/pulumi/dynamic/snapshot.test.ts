import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { Snapshot, type SnapshotArgs } from "../../../../provider/pulumi";
import { SHIM } from "../../../../provider/pulumi/dynamic/shim";
import { dynamicName } from "../../../../provider/pulumi/shared";
import { Image } from "@daytona/sdk";

const TYPE = "pulumi-nodejs:dynamic/daytona:Snapshot";
let registered: pulumi.runtime.MockResourceArgs[] = [];

const valueOf = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));
/** Inputs that the engine is asked to register, without those that every snapshot has. */
const inputsOf = async (snapshot: Snapshot): Promise<Record<string, unknown>> => {
  await valueOf(snapshot.urn);
  const { __provider, __autoName, ...inputs } = registered[0]?.inputs as Record<string, unknown>;
  expect(__provider).toBe(SHIM);
  return inputs;
};

beforeEach(async () => {
  registered = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        registered.push(args);
        return { id: args.id ?? "made", state: { ...args.inputs, snapshotId: "uuid", state: "active" } };
      },
      call: () => ({}),
    },
    "agents",
    "dev",
    false,
    "acme",
  );
});

describe("the class Snapshot", () => {
  test("registers a dynamic resource of its own type; its outputs are there", async () => {
    const agent = new Snapshot("agent", { image: "ubuntu:24.04", cpu: 2 });
    expect(await inputsOf(agent)).toEqual({ image: "ubuntu:24.04", cpu: 2 });
    expect(registered[0]).toMatchObject({ type: TYPE, name: "agent" });
    expect(await valueOf(agent.snapshotId)).toBe("uuid");
    expect(await valueOf(agent.image)).toBe("ubuntu:24.04");
    expect(Snapshot.isInstance(agent)).toBe(true);
    expect(Snapshot.isInstance({ __pulumiType: "other" })).toBe(false);
  });

  test("proposes the automatic name of organization, project, stack, type and logical name", async () => {
    await valueOf(new Snapshot("my agent", { image: "ubuntu:24.04" }).urn);
    const name = dynamicName({
      organization: "acme",
      project: "agents",
      stack: "dev",
      type: TYPE,
      logicalName: "my agent",
    });
    expect(registered[0]?.inputs["__autoName"]).toBe(name);
    expect(name).toMatch(/^my-agent-[0-9a-f]{7}$/);
    expect(registered[0]?.inputs).not.toHaveProperty("name");
  });

  test("customTimeouts are copied into the timeouts, and win", async () => {
    const options = { customTimeouts: { create: "45m", delete: "5m" } };
    expect(await inputsOf(new Snapshot("a", { image: "ubuntu:24.04" }, options))).toMatchObject({
      timeouts: { create: "45m", delete: "5m" },
    });
    registered = [];
    const written = { image: "ubuntu:24.04", timeouts: pulumi.output({ create: "1m", update: "2m" }) };
    expect(await inputsOf(new Snapshot("b", written, options))).toMatchObject({
      timeouts: { create: "45m", update: "2m", delete: "5m" },
    });
  });

  test("an Image object of the official SDK is its Dockerfile", async () => {
    const image = Image.base("ubuntu:24.04").runCommands("apt-get update");
    expect(await inputsOf(new Snapshot("a", { image }))).toEqual({ dockerfileContent: image.dockerfile });
  });

  test("an Image object with local files, and one beside a Dockerfile, are refused", () => {
    const renamed = { dockerfile: "FROM ubuntu:24.04\nCOPY a b", contextList: [{ sourcePath: "a", archivePath: "b" }] };
    expect(() => new Snapshot("a", { image: renamed })).toThrow(
      'Snapshot "a": the Image object sends "a" as "b", but a build context cannot rename files. Keep the end of the path the same.',
    );
    const image = { dockerfile: "FROM ubuntu:24.04", contextList: [] };
    expect(() => new Snapshot("a", { image, dockerfileContent: "FROM x:1" })).toThrow(
      'Snapshot "a": image is an Image object, which already contains a Dockerfile',
    );
    expect(registered).toEqual([]);
  });

  test("the option import is refused with what there is instead", () => {
    expect(() => new Snapshot("a", { image: "ubuntu:24.04" }, { import: "a" })).toThrow(
      /^Snapshot "a": dynamic providers cannot import\. .*`adoptExisting: true`\. .*`Snapshot\.get`\. The native provider can import\.$/,
    );
  });

  test("names of secret inputs go along, also of those that hold a secret somewhere; plain ones do not", async () => {
    const args = {
      dockerfileContent: pulumi.secret("FROM ubuntu:24.04"),
      triggers: { commit: "1", token: pulumi.secret("x") },
      cpu: pulumi.output(2),
      region: "us",
    };
    expect(await inputsOf(new Snapshot("a", args))).toMatchObject({ __secrets: ["dockerfileContent", "triggers"] });
    registered = [];
    expect(
      await inputsOf(new Snapshot("b", { image: pulumi.output("ubuntu:24.04"), triggers: { a: "1" } })),
    ).not.toHaveProperty("__secrets");
    registered = [];
    expect(
      await inputsOf(new Snapshot("c", { image: "ubuntu:24.04" }, { additionalSecretOutputs: ["image", "size"] })),
    ).toMatchObject({ __secrets: ["image"] });
  });

  test("secret inputs, and what tells something of them, are secret outputs; a transformation that copies the options loses none", async () => {
    const asked = async (args: SnapshotArgs, options: pulumi.CustomResourceOptions = {}): Promise<string[]> => {
      const request = jest.spyOn(MockMonitor.prototype, "registerResource");
      await valueOf(new Snapshot("a", args, options).urn);
      const [sent] = request.mock.calls[0] as unknown as [{ getAdditionalsecretoutputsList(): string[] }];
      request.mockRestore();
      return sent.getAdditionalsecretoutputsList().sort();
    };
    const secret = ["dockerfileContent", "entrypoint", "errorReason", "ref", "sourceHash"];
    expect(await asked({ dockerfileContent: pulumi.secret("FROM ubuntu:24.04") })).toEqual(secret);
    expect(await asked({ image: pulumi.output("ubuntu:24.04") })).toEqual([]);
    const transformations: pulumi.ResourceTransformation[] = [
      ({ props, opts }) => ({ props, opts: pulumi.mergeOptions(opts, { additionalSecretOutputs: ["size"] }) }),
    ];
    expect(await asked({ dockerfileContent: pulumi.secret("FROM ubuntu:24.04") }, { transformations })).toEqual(
      [...secret, "size"].sort(),
    );
  });

  test("get registers nothing of its own: it reads the name", async () => {
    const base = Snapshot.get("base", "base-2024");
    await valueOf(base.urn);
    expect(registered[0]).toMatchObject({ type: TYPE, name: "base", id: "base-2024", inputs: { __provider: SHIM } });
    expect(Object.keys(registered[0]?.inputs ?? {})).toEqual(["__provider"]);
  });
});
