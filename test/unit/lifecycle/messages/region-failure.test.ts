import { connect } from "../../../../provider/lifecycle";
import { type LocalApi, startLocalApi } from "../../../../provider/local";
import { context, plan } from "../support";

let local: LocalApi;
beforeAll(async () => (local = await startLocalApi({ pullSeconds: 0.05, cronSeconds: 0.02 })));
afterAll(() => local.close());
afterEach(() => local.control.reset());

/** The failure of a create in this region, with this provider's argument and environment. */
async function failure(region: string | null, args: { region?: string }, env: Record<string, string>) {
  const connected = connect(
    args,
    { DAYTONA_API_URL: local.apiUrl, DAYTONA_API_KEY: local.apiKey, ...env },
    { debug: () => undefined },
  );
  const asked = region ?? connected.region;
  const inputs = { name: "agent-eu", image: "ubuntu:24.04", ...(asked === null ? {} : { region: asked }) };
  try {
    return (await connected.lifecycle.create(plan(null, {}, inputs).planned, context())).error;
  } finally {
    connected.close();
  }
}

const said = "Daytona API returned 404 Not Found for POST /snapshots: Region not found.";
const summary = 'creating snapshot "agent-eu": the organization has no region "mars"';

test.each([
  ["the snapshot's own", "mars", {}, {}, "`region` of the snapshot."],
  ["the snapshot's own, beside a default", "mars", {}, { DAYTONA_TARGET: "us" }, "`region` of the snapshot."],
  ["the provider's", null, { region: "mars" }, {}, "`region`, the default for snapshots that do not set one."],
  [
    "the environment's",
    null,
    {},
    { DAYTONA_TARGET: "mars" },
    "DAYTONA_TARGET, the default for snapshots that do not set one.",
  ],
])("a region that does not exist, %s: which, from where, and those that do", async (_, region, args, env, from) => {
  expect(await failure(region, args, env)).toEqual({
    summary,
    detail: `${said}\nThe region comes from ${from}\nThe organization has one region: us.`,
    attribute: ["region"],
  });
});

test("all regions are named, where there are several", async () => {
  local.control.region({ id: "eu" });
  const { detail } = (await failure("mars", {}, {}))!;
  local.control.removeRegion("eu");
  expect(detail).toMatch(/\nIts regions are: eu, us\.$/);
});

test("where the regions cannot be read, the rest is said", async () => {
  local.control.fault({ path: "/regions", action: "answer", status: 403 });
  expect(await failure("mars", {}, {})).toMatchObject({
    summary,
    detail: `${said}\nThe region comes from \`region\` of the snapshot.`,
  });
});
