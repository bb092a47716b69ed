import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { DriftReport } from "../../../../provider/fleet/report/report";
import { attributes, change, plan } from "../../fleet/plan";
import { raw, resource } from "../../fleet/states";
import { world } from "../world";
import { drift } from "./run";

/** A registry whose tags have moved, on this machine. */

const here = world();
const OCI = "application/vnd.oci.image";
const descriptor = (kind: string) => ({ mediaType: `${OCI}.${kind}`, digest: `sha256:${"c".repeat(64)}`, size: 1 });
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: `${OCI}.manifest.v1+json`,
  config: descriptor("config.v1+json"),
  layers: [descriptor("layer.v1.tar+gzip")],
});
const A = `sha256:${"a".repeat(64)}`;
const B = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
let server: Server;
let asked: string[] = [];
let image: string;
beforeAll(async () => {
  server = createServer(({ url }, response) => {
    asked.push(url ?? "");
    response
      .writeHead(200, { "content-type": "application/vnd.oci.image.manifest.v1+json", "docker-content-digest": B })
      .end(manifest);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  image = `127.0.0.1:${(server.address() as AddressInfo).port}/team/app:1`;
});
afterAll(() => void server.close());
beforeEach(() => void (asked = []));

const known = (name: string, from = image): Record<string, unknown> => {
  const { id, organizationId, ref, createdAt, cpu, mem, disk, gpu, size, sandboxClass, entrypoint, regionIds } =
    here.api.control.snapshot(name)!;
  const own = { id, organization_id: organizationId, ref, created_at: createdAt, cpu, memory: mem, disk, gpu, size };
  const more = { sandbox_class: sandboxClass, entrypoint, region: regionIds![0], region_ids: regionIds };
  return attributes(name, { ...own, ...more, image: from, image_name: from, image_digest: A });
};
const stateOf = (from = image): void => {
  here.api.control.insert({ name: "a", imageName: from });
  here.api.control.insert({ name: "b", imageName: from });
  const resources = ["a", "b"].map((name) => resource(known(name, from), { name }));
  writeFileSync("state.json", JSON.stringify(raw(...resources)));
};
const run = async (args: string[], env: Record<string, string> = {}) => {
  const { code, out, err } = await drift(here.api, [...args, "--format", "json"], { env });
  if (!out.startsWith('{\n  "version"')) throw new Error(out + err);
  return { code, report: JSON.parse(out) as DriftReport };
};
const STATE = ["--state", "state.json"];

test("a state: the registry is asked once, the tag is told, and the exit code stays 0", async () => {
  stateOf();
  const { code, report } = await run(STATE);
  expect({ code, status: report.status, asked: asked.length }).toEqual({ code: 0, status: "clean", asked: 1 });
  expect(
    report.snapshots.map(({ address, movedTag }) => [address, movedTag?.image, movedTag?.from, movedTag?.to]),
  ).toEqual([
    ["daytona_snapshot.a", image, A, B],
    ["daytona_snapshot.b", image, A, B],
  ]);
});

test.each<[string, string[], Record<string, string>]>([
  ["--no-resolve-tags", ["--no-resolve-tags"], {}],
  ["DAYTONA_RESOLVE_TAGS=false", [], { DAYTONA_RESOLVE_TAGS: "false" }],
  ["the flag before the variable", ["--no-resolve-tags"], { DAYTONA_RESOLVE_TAGS: "true" }],
])("%s: no registry is asked, and nothing is said", async (_, flags, env) => {
  stateOf();
  const { code, report } = await run([...STATE, ...flags], env);
  expect({ code, asked, moved: report.counts.movedTags, notes: report.sources[0]!.notes }).toEqual({
    code: 0,
    asked: [],
    moved: 0,
    notes: [],
  });
});

test("that registries are asked is said only where there is a tag to ask about", async () => {
  stateOf();
  const progress = "asking the registries of the tags for their current digests\n";
  expect((await drift(here.api, STATE)).err).toContain(progress);
  const unknown = ["a", "b"].map((name) => resource({ ...known(name), image_digest: null }, { name }));
  writeFileSync("state.json", JSON.stringify(raw(...unknown)));
  asked = [];
  expect((await drift(here.api, STATE)).err).not.toContain("registries");
  expect((await drift(here.api, ["--state", "none.json"])).err).not.toContain("registries");
  expect(asked).toEqual([]);
});

test("another value of the variable is an error before anything is read", async () => {
  const { code, err } = await drift(here.api, STATE, { env: { DAYTONA_RESOLVE_TAGS: "no" } });
  expect(code).toBe(1);
  expect(err).toContain('DAYTONA_RESOLVE_TAGS is "no"; set it to "true" or "false"');
});

test("a registry that is down is a note, and no error", async () => {
  stateOf("127.0.0.1:1/team/app:1");
  const { code, report } = await run(STATE);
  expect({ code, errors: report.counts.errors, moved: report.counts.movedTags }).toEqual({
    code: 0,
    errors: 0,
    moved: 0,
  });
  expect(report.sources[0]!.notes).toEqual([
    expect.stringMatching(
      /^It is unknown whether 1 tag has moved, because the registry could not be asked: 127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED.*\.$/,
    ),
  ]);
});

test("a plan is read without an account", async () => {
  const values = attributes("a", { image, image_name: image, image_digest: A });
  writeFileSync("plan.json", JSON.stringify(plan([], [change("daytona_snapshot.a", ["no-op"], values, values)])));
  const { code, report } = await run(["--plan", "plan.json"], { DAYTONA_API_KEY: "" });
  expect({ code, moved: report.counts.movedTags }).toEqual({ code: 0, moved: 1 });
});

test("a rule in .daytona-iac.yaml", async () => {
  stateOf();
  writeFileSync(
    ".daytona-iac.yaml",
    "drift:\n  ignore:\n    - name: a\n      attribute: image_digest\n      reason: frozen\n",
  );
  const { report } = await run(STATE);
  expect(report.counts).toMatchObject({ movedTags: 1, ignored: 1 });
});
