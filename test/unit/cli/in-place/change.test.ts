import { PASSWORD, PLANTED, registryCommandLine } from "./run";

const { api, run, create, changing } = registryCommandLine();
const read = async (): Promise<string> => `${PASSWORD}\n`;
const hub = ["create", "hub", "--url", "https://index.docker.io/v1/", "--username", "robot"];
const stored = () =>
  api()
    .control.registries()
    .map(({ name, url, username, project, password }) => ({ name, url, username, project, password }));
const whole = { name: "hub", url: "docker.io", username: "robot", project: "", password: PASSWORD };
const deny = (method: string, message = `Access denied for ${PASSWORD}`): void =>
  void api().control.fault({
    method,
    path: "/docker-registry",
    times: -1,
    action: "answer",
    status: 403,
    body: { statusCode: 403, error: "Forbidden", message },
  });

describe("create", () => {
  test("says the ID; the password comes from standard input", async () => {
    const { code, out, err } = await run([...hub, "--project", "team", "--password-stdin"], { read });
    const { id } = api().control.registries()[0]!;
    expect({ code, out, err }).toEqual({ code: 0, out: `Registry "hub" was created.\nID: ${id}\n`, err: "" });
    expect(stored()).toEqual([{ ...whole, project: "team" }]);
    expect(changing()).toEqual(["POST"]);
  });

  test("prints the API's own object as JSON, as the API has it then", async () => {
    const { code, out, err } = await run(["add", ...hub.slice(1), "--password-stdin", "--format", "json"], { read });
    expect({ code, err, value: JSON.parse(out) as unknown }).toEqual({
      code: 0,
      err: "",
      value: {
        id: api().control.registries()[0]!.id,
        name: "hub",
        url: "docker.io",
        username: "robot",
        project: "",
        registryType: "organization",
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    });
  });

  test("--verbose prints requests, and nothing of their bodies", async () => {
    const { err } = await run([...hub, "--password-stdin", "--verbose"], { read });
    expect(err).toContain("POST /docker-registry: 201\n");
  });

  test("everything that is wrong is said at once, before a password is asked for, and nothing is sent", async () => {
    const askSecret = jest.fn(async () => PASSWORD);
    const { code, out, err } = await run(["create", "<b>", "--url", "hub.docker.com", "--username", "robot"], {
      askSecret,
    });
    expect({ code, out, err }).toEqual({
      code: 64,
      out: "",
      err: "Error: Invalid registry name\n  The name contains an HTML tag, which the API refuses.\n  Invalid registry URL: The address of Docker Hub is `docker.io`.\n",
    });
    expect({ asked: askSecret.mock.calls.length, requests: api().control.requests() }).toEqual({
      asked: 0,
      requests: [],
    });
  });

  test("a password that cannot be used is wrong usage", async () => {
    const { code, err } = await run(
      ["create", "google", "--url", "europe-docker.pkg.dev", "--username", "_json_key", "--password-stdin"],
      { read },
    );
    expect({ code, err }).toEqual({
      code: 64,
      err: "Error: Invalid key file\n  With the user name `_json_key`, the password is the text of a service account's key file, a JSON object. For a text in base64, set `--username` to `_json_key_base64`.\n",
    });
    expect(changing()).toEqual([]);
  });

  test.each(["--url", "--username"])("%s is required", async (flag) => {
    const { code, err } = await run([
      "create",
      "hub",
      ...["--url", "docker.io", "--username", "robot"].filter((_, at, all) => all[at] !== flag && all[at - 1] !== flag),
    ]);
    expect({ code, err }).toEqual({
      code: 64,
      err: expect.stringContaining(`Error: required option '${flag} <${flag.slice(2)}>' not specified`) as string,
    });
  });

  test.each(["--password=x", "--password-wo=x", "--password-wo-version=1"])("there is no flag %s", async (flag) => {
    expect(await run([...hub, flag])).toMatchObject({
      code: 64,
      err: expect.stringContaining("Error: unknown option") as string,
    });
  });

  test("a reason of the API that repeats the password is shown without it", async () => {
    deny("POST");
    const text = await run([...hub, "--password-stdin", "--verbose"], { read });
    expect(text.code).toBe(1);
    expect(text.err).toContain('Error: creating registry "hub": permission denied\n');
    expect(text.err).toContain("Access denied for [secret]");
    const json = await run([...hub, "--password-stdin", "--format", "json"], { read });
    expect(JSON.parse(json.err)).toMatchObject({
      error: { status: 403, detail: expect.stringContaining("Access denied for [secret]") as string },
    });
  });

  test("a lost answer: what may exist, and how to see it, in the words of the command line", async () => {
    api().control.fault({ method: "POST", path: "/docker-registry", action: "hang-before" });
    const { code, err } = await run([...hub, "--password-stdin", "--timeout", "500ms"], { read });
    expect({ code, err }).toEqual({
      code: 1,
      err: 'Error: creating registry "hub": the response was lost\n  The call ended before the API responded. The registry may exist. Run `daytona-iac registry list` to see the existing ones.\n',
    });
  });

  test("two new ones after a lost answer are named; there is no command that imports one", async () => {
    const hung = api().control.fault({ method: "POST", path: "/docker-registry", action: "hang-after" });
    const lost = run([...hub, "--password-stdin", "--timeout", "3s"], { read });
    await api().control.faultReached(hung);
    await create("hub", ["--url", "docker.io", "--username", "robot"]);
    const { err } = await lost;
    const [one, two] = api()
      .control.registries()
      .map(({ id }) => id);
    expect(err).toBe(
      `Error: creating registry "hub": the response was lost\n  2 new registries have these values, so it is unknown which one this call created. Delete the surplus ones:\n    ${one}\n    ${two}\n`,
    );
  }, 20_000);

  test("--timeout is checked before anything else", async () => {
    expect(await run([...hub, "--timeout", "soon"])).toMatchObject({
      code: 64,
      err: expect.stringContaining("--timeout soon is not a duration") as string,
    });
  });
});

describe("update", () => {
  test("changes what is given, and keeps the rest", async () => {
    const id = await create("hub", ["--url", "ghcr.io", "--username", "robot", "--project", "team"]);
    expect(await run(["update", "hub", "--username", "other"])).toEqual({
      code: 0,
      out: 'Registry "hub" was updated: username.\n',
      err: "",
    });
    expect(stored()).toEqual([{ name: "hub", url: "ghcr.io", username: "other", project: "team", password: PASSWORD }]);
    expect(await run(["update", id, "--name", "github", "--url", "https://ghcr.io", "--project", ""])).toEqual({
      code: 0,
      out: 'Registry "hub" was updated: name, url, project.\n',
      err: "",
    });
    expect(stored()).toEqual([
      { name: "github", url: "https://ghcr.io", username: "other", project: "", password: PASSWORD },
    ]);
  });

  test("sends a password only if one is given: on standard input, or in the environment", async () => {
    await create("hub");
    expect((await run(["update", "hub", "--password-stdin"], { read: async () => `${PLANTED}-2` })).out).toBe(
      'Registry "hub" was updated: password.\n',
    );
    expect(stored()).toEqual([{ ...whole, password: `${PLANTED}-2` }]);
    expect(
      (await run(["update", "hub", "--username", "other"], { env: { DAYTONA_IAC_REGISTRY_PASSWORD: `${PLANTED}-3` } }))
        .out,
    ).toBe('Registry "hub" was updated: username, password.\n');
    expect(stored()).toEqual([{ ...whole, username: "other", password: `${PLANTED}-3` }]);
    const askSecret = jest.fn(async () => `${PLANTED}-4`);
    await run(["update", "hub", "--username", "robot"], { askSecret, env: { DAYTONA_IAC_REGISTRY_PASSWORD: "" } });
    expect({ asked: askSecret.mock.calls.length, stored: stored() }).toEqual({
      asked: 0,
      stored: [{ ...whole, password: `${PLANTED}-3` }],
    });
  });

  test("prints the object as the API has it, which its answer to an update is not", async () => {
    await create("hub", ["--url", "ghcr.io", "--username", "robot", "--project", "team"]);
    expect(JSON.parse((await run(["update", "hub", "--username", "other", "--format", "json"])).out)).toMatchObject({
      name: "hub",
      username: "other",
      project: "team",
    });
  });

  test("of nothing is wrong usage; of what is so already sends nothing", async () => {
    await create("hub");
    api().control.clearRequests();
    expect(await run(["update", "hub"])).toEqual({
      code: 64,
      out: "",
      err: 'Error: updating registry "hub": nothing to change\n  Set at least one of --name, --url, --username, --project, --password-stdin.\n',
    });
    expect(api().control.requests()).toEqual([]);
    expect(await run(["update", "hub", "--url", "https://registry-1.docker.io/", "--project", ""])).toEqual({
      code: 0,
      out: 'Registry "hub" already has these values. Nothing was changed.\n',
      err: "",
    });
    expect(changing()).toEqual([]);
  });

  test("refuses only what is given: what exists is the API's affair", async () => {
    const id = await create("hub");
    expect(await run(["update", id, "--url", "hub.docker.com"])).toEqual({
      code: 64,
      out: "",
      err: "Error: Invalid registry URL\n  The address of Docker Hub is `docker.io`.\n",
    });
    await fetch(`${api().apiUrl}/docker-registry/${id}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${api().apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "hub", url: "https://hub.docker.com/login", username: "robot" }),
    });
    expect(await run(["update", id, "--username", "other"])).toMatchObject({
      code: 0,
      out: 'Registry "hub" was updated: username.\n',
    });
    expect(stored()).toMatchObject([{ url: "https://hub.docker.com/login", username: "other" }]);
  });

  test("of one that is not there, or that is deleted meanwhile", async () => {
    expect(await run(["update", "none", "--url", "ghcr.io"])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^Error: updating registry "none": no such registry\n/) as string,
    });
    const id = await create("hub");
    api().control.fault({
      method: "PATCH",
      times: -1,
      action: "answer",
      status: 404,
      body: {
        statusCode: 404,
        error: "Not Found",
        message: "Docker registry not found",
        path: `/api/docker-registry/${id}`,
        timestamp: "2026-01-02T03:04:05.000Z",
      },
    });
    expect(await run(["update", "hub", "--username", "other"])).toEqual({
      code: 1,
      out: "",
      err: `Error: updating registry "hub": it no longer exists\n  The registry ${id} was deleted in the meantime. Recreate it.\n`,
    });
  });

  test("after an interrupt: how to see what is there", async () => {
    await create("hub");
    const stop = new AbortController();
    const hung = api().control.fault({ method: "PATCH", action: "hang-before" });
    const ended = run(["update", "hub", "--username", "other"], { signal: stop.signal });
    await api().control.faultReached(hung);
    stop.abort(new Error("interrupted"));
    expect(await ended).toEqual({
      code: 1,
      out: "",
      err: 'Error: updating registry "hub": interrupted\n  It is unknown whether the last request took effect. Run `daytona-iac registry list` to see the existing ones.\n',
    });
  });

  test("a reason that repeats the new password is shown without it", async () => {
    await create("hub");
    deny("PATCH");
    const { code, err } = await run(["update", "hub", "--password-stdin"], { read });
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("Access denied for [secret]") as string });
  });
});

describe("delete", () => {
  test("asks on a terminal, with what tells it from others", async () => {
    const [one, two] = [
      await create("hub"),
      await create("github", ["--url", "ghcr.io", "--username", "acme", "--project", "team"]),
    ];
    const asked: string[] = [];
    const both = await run(["delete", "hub", two], { ask: async (question) => (asked.push(question), "no") });
    expect(both).toEqual({
      code: 1,
      out: "",
      err: `This deletes 2 registries:\n  hub (docker.io, robot) ${one}\n  github (ghcr.io, acme, team) ${two}\nNothing was deleted.\n`,
    });
    const single = await run(["rm", "hub"], { ask: async (question) => (asked.push(question), "yes") });
    expect(single).toEqual({
      code: 0,
      out: 'Registry "hub" was deleted.\n',
      err: `This deletes 1 registry:\n  hub (docker.io, robot) ${one}\n`,
    });
    expect(asked).toEqual([
      'Delete 2 registries? Type "yes" to continue: ',
      'Delete 1 registry? Type "yes" to continue: ',
    ]);
    expect(stored()).toMatchObject([{ name: "github" }]);
  });

  test("without a terminal needs --yes, which asks nobody", async () => {
    await create("hub");
    expect(await run(["delete", "hub"])).toMatchObject({
      code: 64,
      err: expect.stringMatching(/\nError: deleting without a terminal requires --yes\n$/) as string,
    });
    expect(changing()).toEqual(["POST"]);
    const ask = jest.fn(async () => "no");
    expect(await run(["delete", "hub", "-y"], { ask })).toEqual({
      code: 0,
      out: 'Registry "hub" was deleted.\n',
      err: "",
    });
    expect({ asked: ask.mock.calls.length, stored: stored() }).toEqual({ asked: 0, stored: [] });
  });

  test("goes on after a failure, and deletes one that is named twice once", async () => {
    const [one, two] = [await create("a"), await create("b")];
    const { code, out, err } = await run(["delete", "a", "none", one, "b", "--yes", "--format", "json"]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([
      { id: one, name: "a" },
      { id: two, name: "b" },
    ]);
    expect(
      err
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { error: { summary: string } }).error.summary),
    ).toEqual(['deleting registry "none": no such registry', "1 of 4 failed"]);
    expect(changing()).toEqual(["POST", "POST", "DELETE", "DELETE"]);
  });

  test("that the API refuses is an error, and nothing is said to be deleted", async () => {
    await create("hub");
    deny("DELETE", "Access denied");
    const { code, out, err } = await run(["delete", "hub", "--yes", "--format", "json"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(JSON.parse(err)).toMatchObject({
      error: { summary: 'deleting registry "hub": permission denied', status: 403 },
    });
  });

  test("of none is an error without a question; a no prints an empty array", async () => {
    const ask = jest.fn(async () => "no");
    expect(await run(["delete", "none"], { ask })).toMatchObject({ code: 1, out: "" });
    expect(ask).not.toHaveBeenCalled();
    await create("hub");
    expect(await run(["delete", "hub", "--format", "json"], { ask })).toMatchObject({ code: 1, out: "[]\n" });
    expect((await run(["delete"])).code).toBe(64);
  });
});

test("a terminal shows that a request goes on; without one, or with --quiet, nothing does", async () => {
  await create("hub");
  const drawn = await run(["delete", "hub", "--yes"], { errColumns: 80 });
  expect(drawn.err).toContain('deleting registry "hub"');
  expect((await run([...hub, "--password-stdin", "--quiet"], { read, errColumns: 80 })).err).toBe("");
  const order: string[] = [];
  await run(["delete", "hub", "--yes"], {
    errColumns: 80,
    out: () => void order.push("result"),
    err: () => void order.push("progress"),
  });
  // The spinner is gone before the result is printed.
  expect([order[0], order.at(-1)]).toEqual(["progress", "result"]);
});
