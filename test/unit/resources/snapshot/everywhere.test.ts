import type { CreateSnapshotBody, SnapshotDto } from "../../../../provider/api/types";
import { asSnapshot } from "../../../../provider/api/shapes";
import { programFor } from "../../../../provider/fleet/code/model";
import { apiFailure } from "../../../../provider/lifecycle/messages/api-failure";
import { BadRequestError } from "../../../../provider/api/errors";
import { snapshotData, snapshotTable } from "../../../../provider/resources/snapshot/attributes";
import type { AnyInput } from "../../../../provider/resources/snapshot/attributes/rows";
import { detailsOf } from "../../../../provider/resources/snapshot/details";
import { buildText } from "../../../../provider/resources/snapshot/source";
import { call, closeAll, start } from "../../local/harness";
import { runOn } from "../../cli/snapshot/run";
import { created } from "./model";

/** What the API takes and answers has places that no row says: this finds those that a new row lacks. */

afterEach(closeAll);

/** By the name of the attribute where not every value is accepted, else by its type. */
const VALUES: Record<string, unknown> = {
  gpu: 1,
  sandboxClass: "linux-vm",
  string: "one",
  integer: 3,
  number: 3,
  boolean: true,
  "string-list": ["one", "two"],
  "string-set": ["one", "two"],
  "string-map": { one: "two" },
};
interface Answered {
  name: string;
  sent: string;
  read: string;
  value: unknown;
}
const answered = (snapshotTable.inputs as readonly AnyInput[]).flatMap((row): [string, Answered][] => {
  if (!("sent" in row && "read" in row) || typeof row.sent !== "string" || typeof row.read !== "string") return [];
  const { name, type, sent, read } = row;
  return [[name, { name, sent, read, value: VALUES[name] ?? VALUES[String(type)] }]];
});
const dtoWith = (read: string, value: unknown): SnapshotDto =>
  Object.assign(created({ name: "agent", imageName: "a:1" } as CreateSnapshotBody), { [read]: value });

test("data sources show null for what does not apply, and a Dockerfile without the comment line of the triggers", () => {
  const dto = dtoWith("imageName", "");
  const dockerfileContent = buildText("FROM debian:12\nRUN true\n", { release: "2" });
  expect(dockerfileContent).toContain("# daytona-iac triggers ");
  const shown = detailsOf({ ...dto, buildInfo: { dockerfileContent, contextHashes: [] } } as unknown as SnapshotDto);
  expect(shown).toMatchObject({ imageName: null, dockerfileContent: "FROM debian:12\nRUN true\n" });
  expect(detailsOf({ ...dto, buildInfo: { dockerfileContent: "" } } as unknown as SnapshotDto)).toMatchObject({
    dockerfileContent: null,
  });
  expect(detailsOf(dtoWith("imageName", "a:1"))).toMatchObject({ imageName: "a:1", dockerfileContent: null });
});

describe.each(answered)("%s", (_, { name, sent, read, value }) => {
  test("is taken, kept and answered by the local API, and shown by `snapshot get`", async () => {
    const local = await start({ gpuQuota: 8 });
    local.control.region({ id: "us", runners: ["container", "linux-vm"] });
    const made = await call(local, "POST", "/snapshots", { name: "agent", imageName: "a:1", [sent]: value });
    expect({ status: made.status, [read]: made.body[read] }).toEqual({ status: 200, [read]: value });
    expect((await call(local, "GET", "/snapshots/agent")).body[read]).toEqual(value);
    const { code, out } = await runOn(local, ["get", "agent"]);
    expect(code).toBe(0);
    for (const text of [value].flat()) expect(out).toMatch(new RegExp(`  .*\\b${String(text)}\\b`));
  });

  test("is refused where the answer has it in another type", () => {
    expect(() => asSnapshot(dtoWith(read, { odd: true }), "GET /snapshots/x")).toThrow(
      `cannot be used: the "${read}" of snapshot`,
    );
  });

  test("is read by the data sources", () => {
    expect(snapshotData.snapshot.outputs.map((output) => output.name)).toContain(name);
    expect(detailsOf(dtoWith(read, value))).toMatchObject({ [name]: value });
  });

  test("is written into the code for what exists, so that the next plan changes nothing", () => {
    const [made] = programFor([dtoWith(read, value)], (it) => it).snapshots;
    expect(made!.arguments).toContainEqual({ name, value });
  });

  test("is named by a message that refuses its field", () => {
    const refused = (reason: string) =>
      apiFailure("x", new BadRequestError("no", { status: 400, reason, request: "POST /snapshots" } as never));
    expect(refused(`${sent} must be something else`).attribute).toEqual([name]);
  });
});

test.each<[keyof SnapshotDto, string]>([
  ["organizationId", "a string"],
  ["updatedAt", "a string"],
  ["sourceSandboxId", "a string"],
  ["general", "true or false"],
  ["regionIds", "a list of strings"],
  ["buildInfo", "a description of a build"],
])("a field that no program sets is refused in another type all the same: %s is not %s", (field, what) => {
  expect(() => asSnapshot(dtoWith(field, 7), "GET /snapshots/x")).toThrow(
    new RegExp(`cannot be used: the "${field}" of snapshot \\S+ is not ${what}\\.`),
  );
});
