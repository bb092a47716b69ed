import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../../provider/lifecycle/call/system-clock";
import { imageResolver, type OpenResolver } from "../../../../provider/lifecycle/resolve";
import { withTools } from "../publish/image/docker";
import { type Registry, startRegistry } from "../publish/image/real";
import { digestBySkopeo, putImage, putIndex } from "./images";

jest.setTimeout(60_000);

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "home-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

withTools(["docker-registry", "skopeo"], "an open registry", () => {
  let registry: Registry;
  let resolver: OpenResolver;
  beforeAll(async () => void (registry = await startRegistry()));
  afterAll(() => registry.stop());
  beforeEach(() => {
    resolver = imageResolver({ env: { HOME: home }, clock: systemClock, log: { debug: () => undefined } });
  });
  afterEach(() => resolver.close());

  test("tells the digest of an image for one platform as skopeo does", async () => {
    const name = `${registry.host}/team/app:1`;
    const digest = putImage(name, "one");
    expect(await resolver.resolve(name)).toEqual({ kind: "resolved", digest, platforms: null });
    expect(digestBySkopeo(name)).toBe(digest);
  });

  test("tells the digest of an index, and its platforms without what is no image", async () => {
    const name = `${registry.host}/team/many:1`;
    const digest = putIndex(name, "one");
    expect(await resolver.resolve(name)).toEqual({
      kind: "resolved",
      digest,
      platforms: ["linux/amd64", "linux/arm64/v8"],
    });
    expect(digestBySkopeo(name)).toBe(digest);
  });

  test("tells of a name without an image that it is missing", async () => {
    const name = `${registry.host}/team/app:none`;
    expect(await resolver.resolve(name)).toEqual({
      kind: "missing",
      reason: `${registry.host} has no image "${name}"`,
    });
  });
});
