import { commandOf } from "../../../../provider/kit/spell";
import { inPlaceCommand } from "../../../../provider/cli/in-place/command";
import { givenBy, optionsOf, secretOptionsOf, variableOf } from "../../../../provider/cli/in-place/flags";
import { getOne, listAll, lookAt } from "../../../../provider/cli/in-place/show";
import type { Session } from "../../../../provider/cli/session";
import { InPlaceType } from "../../../../provider/pulumi/shared/in-place";
import { listDataSource } from "../../../../provider/terraform/in-place/data-source";
import { inPlaceResource } from "../../../../provider/terraform/in-place/resource";
import { commands } from "../../../../provider/cli/commands";
import {
  type AnyInput,
  type AnyInPlaceTable,
  type InPlaceDefinition,
  inPlaceResources,
} from "../../../../provider/resources";
import { registryDefinition } from "../../../../provider/resources/registry/definition";

const input = (name: string, more: Partial<AnyInput> = {}): AnyInput => ({
  name,
  type: "string",
  set: "optional",
  sent: name,
  read: name,
  doc: "Some text.",
  ...more,
});
const tableOf = (...inputs: AnyInput[]): AnyInPlaceTable => ({
  doc: "Webhooks, such as `a.b`. More.",
  inputs,
  outputs: [],
});
const flags = (table: AnyInPlaceTable, call: "create" | "update") =>
  optionsOf(table, call).map(({ flags: text, mandatory, description }) => [text, mandatory, description]);

test("each resource has a command, after that of the snapshot, and says what it is for", () => {
  expect(commands.slice(1, 1 + inPlaceResources.length).map(({ name }) => name)).toEqual(
    inPlaceResources.map(({ noun }) => commandOf(noun)),
  );
  expect(commands.find(({ name }) => name === "registry")!.about).toBe(
    "list, get, create, update and delete registries: credentials with which Daytona pulls private images from a container registry",
  );
});

test("each input is a flag: required ones of a create, and the name of an update; the first sentence of the documentation says what it is", () => {
  const table = tableOf(
    input("name"),
    input("url", { set: "required", doc: "Address, such as `a.example`. More of {name}." }),
    input("maxCount", { type: "integer" }),
    input("events", { type: "string-list" }),
    input("team", { none: "" }),
    { name: "token", type: "string", set: "optional", sent: "token", sensitive: true, doc: "Some text." },
    input("tokenWo", { only: "terraform" }),
  );
  expect(flags(table, "create")).toEqual([
    ["--url <url>", true, "address, such as a.example"],
    ["--max-count <max-count>", false, "some text"],
    ["--events <events>", false, "some text"],
    ["--team <team>", false, "some text"],
  ]);
  expect(flags(table, "update")).toEqual([
    ["--name <name>", false, "some text"],
    ["--url <url>", false, "address, such as a.example"],
    ["--max-count <max-count>", false, "some text"],
    ["--events <events>", false, "some text"],
    ["--team <team>", false, 'some text; "" removes it'],
  ]);
  expect(secretOptionsOf(table).map(({ long }) => long)).toEqual(["--token-stdin"]);
  expect(givenBy(table, { maxCount: 2, url: "", token: "x", tokenStdin: true, format: "json" })).toEqual({
    maxCount: 2,
    url: "",
  });
  expect(variableOf({ ...registryDefinition, noun: "web hook" }, input("pullToken"))).toBe(
    "DAYTONA_IAC_WEB_HOOK_PULL_TOKEN",
  );
});

test("a type without a flag is an error when the command is made, not an input that is left out", () => {
  expect(() => optionsOf(tableOf(input("labels", { type: "string-map" })), "create")).toThrow(
    new TypeError('the command line has no flag for the type of "labels"'),
  );
});

test("another resource has its commands, flags and texts by its definition alone", async () => {
  const found = ["id", "name", "count", "webhookKind", "usedAt"].map((name) => ({
    name,
    type: "string" as const,
    set: "computed" as const,
    doc: "Some text.",
  }));
  const webhook: InPlaceDefinition = {
    ...registryDefinition,
    noun: "webhook",
    plural: "webhooks",
    sample: { name: "deploys", count: 3 },
    table: tableOf(input("name"), input("count", { type: "integer" })),
    listTable: {
      doc: "",
      inputs: [],
      outputs: [{ name: "webhooks", type: { objects: found, name: "Webhook" }, set: "computed", doc: "" }],
    },
  };
  let out = "";
  const group = inPlaceCommand(webhook)(
    { out: (text) => void (out += text), err: () => undefined, env: {} },
    () => undefined,
  );
  const help = (name: string): string => {
    out = "";
    group.commands.find((it) => it.name() === name)!.outputHelp();
    return out;
  };
  expect(group.commands.map((it) => [it.name(), it.description()])).toEqual([
    ["list", "List the webhooks of the organization"],
    ["get", "Show one webhook"],
    ["create", "Create a webhook"],
    ["update", "Update a webhook. Values without a flag stay unchanged"],
    ["delete", "Delete webhooks"],
  ]);
  expect(help("list").replace(/\s+/g, " ")).toContain("separated by commas: name, count, id, kind, used");
  expect(help("create")).toMatch(/^Usage: [^]*\n {2}daytona-iac webhook create deploys --count 3\n\n$/);
});

test("a resource of two words is spelled as each name needs it, and its fields may have other names than its attributes", async () => {
  const fields = ["id", "name", "target"].map((name) => ({
    name,
    type: "string" as const,
    set: "computed" as const,
    doc: "Some text.",
  }));
  const dto = { id: "1", name: "data", volume: "data-2026" };
  const alias: InPlaceDefinition = {
    ...registryDefinition,
    noun: "volume alias",
    plural: "volume aliases",
    sample: { name: "data", target: "data-2026" },
    table: {
      ...tableOf(input("name"), input("target", { sent: "volume", read: "volume" })),
      outputs: [{ name: "id", type: "string", set: "computed", read: "id", doc: "Some text." }],
    },
    listTable: {
      doc: "",
      inputs: [],
      outputs: [{ name: "volumeAliases", type: { objects: fields, name: "Alias" }, set: "computed", doc: "" }],
    },
  };
  let out = "";
  const io = { out: (text: string) => void (out += text), err: () => undefined, env: {} };
  const group = inPlaceCommand(alias)(io, () => undefined);
  expect([group.name(), group.description()]).toEqual(["volume-alias", "Create and manage volume aliases"]);
  group.commands.find((it) => it.name() === "create")!.outputHelp();
  expect(out).toContain("daytona-iac volume-alias create data --target data-2026\n");
  expect(variableOf(alias, input("key"))).toBe("DAYTONA_IAC_VOLUME_ALIAS_KEY");
  expect(lookAt(alias)).toBe("Run `daytona-iac volume-alias list` to see the existing ones.");

  const session = {
    io,
    format: "table",
    say: (text: string) => void (out += text),
    connection: { inPlace: () => ({ list: () => Promise.resolve([dto]) }) },
  } as unknown as Session;
  out = "";
  await listAll(session, alias, {});
  expect(out).toBe("NAME  TARGET     ID\ndata  data-2026  1\n");
  out = "";
  await getOne(session, alias, "data");
  expect(out).toBe("Name    data\nTarget  data-2026\nID      1\n");

  const connected = {
    connected: () => session.connection,
    refuse: () => (error: unknown) => {
      throw error;
    },
  } as never;
  const [resource, list] = [
    inPlaceResource(connected, {} as never, alias),
    listDataSource(connected, {} as never, alias),
  ];
  expect([resource.typeName, list.typeName]).toEqual(["daytona_volume_alias", "daytona_volume_aliases"]);
  const { state } = await list.read({}, { signal: new AbortController().signal, log: () => undefined } as never);
  expect(state).toEqual({ volume_aliases: [{ id: "1", name: "data", target: "data-2026" }] });
  const type = new InPlaceType(alias);
  expect([type.name, type.token]).toEqual(["VolumeAlias", "daytona:index:VolumeAlias"]);
  expect(await type.list(connected, new AbortController().signal)).toMatchObject({
    volumeAliases: [{ id: "1", name: "data", target: "data-2026" }],
  });
});
