import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../../provider/lifecycle/call/system-clock";
import { imageResolver, type OpenResolver } from "../../../../provider/lifecycle/resolve";
import { withTools } from "../publish/image/docker";
import { type Registry, startRegistry } from "../publish/image/real";
import { digestBySkopeo, putImage, putIndex, skopeo } from "./images";

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

  test("tells where a tag has gone that skopeo moves, when it is asked anew", async () => {
    const name = `${registry.host}/team/moves:1`;
    const before = putImage(name, "before");
    expect(await resolver.resolve(name)).toMatchObject({ digest: before });
    const after = putIndex(`${registry.host}/team/moves:next`, "after");
    const tls = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    skopeo("copy", "-q", "--all", ...tls, `docker://${registry.host}/team/moves:next`, `docker://${name}`);
    // Once for the process: a plan and its apply go by the same answer.
    expect(await resolver.resolve(name)).toMatchObject({ digest: before });
    const next = imageResolver({ env: { HOME: home }, clock: systemClock, log: { debug: () => undefined } });
    expect(await next.resolve(name)).toMatchObject({ digest: after });
    next.close();
    expect(digestBySkopeo(name)).toBe(after);
  });
});

withTools(["docker-registry", "skopeo", "htpasswd"], "a registry with passwords", () => {
  const [username, password] = ["planted-user", "planted-password"];
  let registry: Registry;
  let name: string;
  let digest: string;
  let logged: string[];
  beforeAll(async () => {
    registry = await startRegistry({ username, password });
    name = `${registry.host}/team/app:1`;
    digest = putImage(name, "one", "--dest-creds", `${username}:${password}`);
  });
  afterAll(() => registry.stop());
  beforeEach(() => void (logged = []));
  afterEach(() => expect(logged.join()).not.toMatch(/planted/));

  const resolve = async (env: Record<string, string> = {}) => {
    const log = { debug: (line: string) => void logged.push(line) };
    const resolver = imageResolver({
      env: { HOME: home, PATH: `${home}:/usr/bin:/bin`, ...env },
      clock: systemClock,
      log,
    });
    try {
      return await resolver.resolve(name);
    } finally {
      resolver.close();
    }
  };
  const config = (value: object): void => {
    mkdirSync(join(home, ".docker"));
    writeFileSync(join(home, ".docker/config.json"), JSON.stringify(value));
  };
  const auth = (secret: string): string => Buffer.from(`${username}:${secret}`).toString("base64");

  test("shows the image to those of Docker's file, as skopeo wrote it", async () => {
    // In the same format, which is how skopeo logs in for Docker as well.
    skopeo(
      ...["login", "--tls-verify=false", "--authfile", join(home, "config.json")],
      ...["-u", username, "-p", password, registry.host],
    );
    expect(await resolve({ DOCKER_CONFIG: home })).toEqual({ kind: "resolved", digest, platforms: null });
    expect(digestBySkopeo(name, "--creds", `${username}:${password}`)).toBe(digest);
  });

  test("shows it to those of a helper", async () => {
    config({ credHelpers: { [registry.host]: "test" } });
    const script = `#!/bin/sh\n[ "$1 $(cat)" = "get ${registry.host}" ] && echo '{"Username":"${username}","Secret":"${password}"}'\n`;
    writeFileSync(join(home, "docker-credential-test"), script, { mode: 0o755 });
    expect(await resolve()).toEqual({ kind: "resolved", digest, platforms: null });
  });

  test("does not show it to wrong ones", async () => {
    config({ auths: { [registry.host]: { auth: auth("planted-wrong") } } });
    expect(await resolve()).toEqual({
      kind: "refused",
      reason: `${registry.host} does not provide "${name}" with the credentials from ${join(home, ".docker/config.json")}: they are wrong or do not allow it, or the image does not exist (401 UNAUTHORIZED: authentication required)`,
    });
  });

  test("does not show it without any", async () => {
    expect(await resolve()).toEqual({
      kind: "refused",
      reason: `${registry.host} does not provide "${name}" without credentials, and Docker has none for it on this machine: the image is private or does not exist (401 UNAUTHORIZED: authentication required)`,
    });
  });
});
