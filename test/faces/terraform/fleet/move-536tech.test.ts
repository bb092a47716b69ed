import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ok, setup } from "../setup";

jest.setTimeout(120_000);

const { api, project } = setup();

/** What 536tech/daytona 0.10.0 wrote for two snapshots of the local API, with Terraform 1.11. */
interface State {
  resources: { name: string; provider: string; instances: { attributes: Record<string, unknown> }[] }[];
}
const theirs = (): State => JSON.parse(readFileSync(join(__dirname, "states/536tech-0.10.json"), "utf8")) as State;

const program = `resource "daytona_snapshot" "image" {
  name  = "image"
  image = "ubuntu:24.04"
  cpu   = 2
}

resource "daytona_snapshot" "built" {
  name               = "built"
  dockerfile_content = "FROM alpine:3.20\\nRUN echo $\${HOME}\\n"
}
`;

test("a state of 536tech/daytona 0.10 moves here with replace-provider: the next plan changes nothing, and no snapshot is touched", async () => {
  const ids: Record<string, string> = {
    image: api().control.insert({ name: "image", imageName: "ubuntu:24.04", cpu: 2, entrypoint: null as never }),
    built: api().control.insert({ name: "built", dockerfileContent: "FROM alpine:3.20\nRUN echo ${HOME}\n" }),
  };
  const state = theirs();
  for (const { name, instances } of state.resources)
    Object.assign(instances[0]!.attributes, { id: ids[name], organization_id: api().organizationId });
  const theirProvider = "registry.terraform.io/536tech/daytona";
  const moved = project(program, { aliases: [theirProvider] });
  moved.write("terraform.tfstate", JSON.stringify(state));
  ok(await moved.run(["state", "replace-provider", "-auto-approve", theirProvider, "daytona-iac/daytona"]));
  api().control.clearRequests();
  expect(ok(await moved.plan()).changes).toEqual([]);
  ok(await moved.apply());
  expect((await moved.plan()).code).toBe(0);
  expect(
    api()
      .control.requests()
      .filter(({ method }) => method !== "GET"),
  ).toEqual([]);
  expect(moved.state()["daytona_snapshot.built"]?.values).toMatchObject({
    image: null,
    dockerfile_content: "FROM alpine:3.20\nRUN echo ${HOME}\n",
    region: "us",
    active: true,
    replacement: "swap",
    adopt_existing: false,
  });
});
