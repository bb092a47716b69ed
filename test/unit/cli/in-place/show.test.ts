import { parse } from "yaml";
import { json, serve } from "../../api/server";
import { expectSafe } from "../../kit/text/hostile";
import { PASSWORD, registryCommandLine } from "./run";

const { api, run, create } = registryCommandLine();
const cells = (line: string | undefined): string[] => line!.split(/ {2,}/);

describe("list", () => {
  test("is a table, the newest first, with the ID because names are not unique", async () => {
    const one = await create("hub");
    const two = await create("hub", ["--url", "https://ghcr.io/", "--username", "acme", "--project", "team"]);
    const { code, out, err } = await run(["list"]);
    expect({ code, err, lines: out.split("\n").map(cells) }).toEqual({
      code: 0,
      err: "",
      lines: [
        ["NAME", "URL", "USERNAME", "PROJECT", "ID", "TYPE", "CREATED"],
        ["hub", "https://ghcr.io", "acme", "team", two, "organization", "just now"],
        ["hub", "docker.io", "robot", "-", one, "organization", "just now"],
        [""],
      ],
    });
  });

  test("on a narrow terminal: what tells one from the others stays longest", async () => {
    await create("hub");
    const heads = async (outColumns: number) =>
      cells((await run(["ls"], { outColumns, env: { NO_COLOR: "1" } })).out.split("\n")[0]);
    expect(await heads(86)).toEqual(["NAME", "URL", "USERNAME", "PROJECT", "ID", "TYPE"]);
    expect(await heads(85)).toEqual(["NAME", "URL", "USERNAME", "PROJECT", "ID"]);
    expect(await heads(71)).toEqual(["NAME", "URL", "USERNAME", "PROJECT"]);
    expect(await heads(20)).toEqual(["NAME", "URL"]);
  });

  test("--columns and --no-headers; titles are bold where colors are wanted", async () => {
    await create("hub");
    expect((await run(["list", "--columns", "username, name", "--no-headers"])).out).toBe("robot  hub\n");
    expect((await run(["list", "--columns", "name"], { env: { FORCE_COLOR: "1" } })).out).toBe(
      "\u001b[1mNAME\u001b[22m\nhub\n",
    );
    expect(await run(["list", "--columns", "password"])).toEqual({
      code: 64,
      out: "",
      err: "Error: --columns password names an unknown column: password\n  Columns: name, url, username, project, id, type, created.\n",
    });
  });

  test.each<[string, (text: string) => unknown]>([
    ["json", JSON.parse],
    ["yaml", parse],
  ])("as %s has the API's own objects", async (format, read) => {
    const id = await create("hub");
    const { code, out, err } = await run(["list", "-f", format]);
    expect({ code, err, value: read(out) }).toEqual({
      code: 0,
      err: "",
      value: [
        {
          id,
          name: "hub",
          url: "docker.io",
          username: "robot",
          project: "",
          registryType: "organization",
          createdAt: expect.any(String),
          updatedAt: expect.any(String),
        },
      ],
    });
  });

  test("of nothing: how to make one, on stderr; an empty array", async () => {
    expect(await run(["list"])).toEqual({
      code: 0,
      out: "",
      err: "There are no registries yet. To create one, run `daytona-iac registry create`.\n",
    });
    expect(await run(["list", "--format", "json"])).toEqual({ code: 0, out: "[]\n", err: "" });
  });

  test("an error of the API, with its status", async () => {
    const { code, out, err } = await run(["list", "--format", "json"], { env: { DAYTONA_API_KEY: "dtn_wrong" } });
    expect({ code, out, error: JSON.parse(err) as unknown }).toMatchObject({
      code: 1,
      out: "",
      error: { error: { summary: "listing registries: the API rejected the credentials", status: 401 } },
    });
  });
});

describe("get", () => {
  test("shows everything that there is, one value a line", async () => {
    const id = await create("hub");
    const { code, out, err } = await run(["get", "hub"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      new RegExp(
        `^Name      hub\nURL       docker.io\nUsername  robot\nProject   -\nID        ${id}\nType      organization\nCreated   \\d{4}-\\S+Z \\(just now\\)\n$`,
      ),
    );
    expect(await run(["get", id.toUpperCase()])).toEqual({ code, out, err });
    expect(JSON.parse((await run(["info", id, "--format", "json"])).out)).toMatchObject({ id, name: "hub" });
  });

  test("of a name that several have, and of one that none has", async () => {
    const [one, two] = [await create("hub"), await create("hub")];
    expect(await run(["get", "hub"])).toEqual({
      code: 1,
      out: "",
      err: `Error: reading registry "hub": several have this name\n  2 registries have this name. Use the UUID instead:\n    ${two} (docker.io, robot)\n    ${one} (docker.io, robot)\n`,
    });
    const none = await run(["get", "Hub", "--format", "json"]);
    expect({ code: none.code, error: JSON.parse(none.err) as unknown }).toEqual({
      code: 1,
      error: {
        error: {
          summary: 'reading registry "Hub": no such registry',
          detail:
            "The organization has no registry with this UUID or name. Names are case-sensitive. Run `daytona-iac registry list` to see the existing ones.",
          status: 404,
        },
      },
    });
  });
});

test("names and addresses of others do not steer the terminal", async () => {
  const hostile = { id: "x", name: "a\u001b[2Jb\nc", url: "u\u001b]0;x\u0007", username: "r\u202e", createdAt: 7 };
  const server = await serve((_seen, response) => json(response, 200, [hostile]));
  try {
    const env = { DAYTONA_API_URL: server.url };
    const list = await run(["list"], { env, outColumns: 120 });
    expectSafe(list.out, true);
    const got = await run(["get", "x"], { env });
    expectSafe(got.out);
    expect(got.out.split("\n")[0]).toMatch(/^Name {6}a.*b.c$/);
    expect(got.out).toMatch(/^Type {6}-$/m);
    const asked = await run(["delete", "x"], { env });
    expectSafe(asked.err);
  } finally {
    await server.close();
  }
});

test("a password that a server sends is in no output", async () => {
  const server = await serve((_seen, response) =>
    json(response, 200, [{ id: "x", name: "hub", url: "docker.io", username: "robot", password: PASSWORD }]),
  );
  try {
    const env = { DAYTONA_API_URL: server.url };
    for (const args of [
      ["list"],
      ["list", "--format", "json"],
      ["list", "--format", "yaml"],
      ["get", "hub"],
      ["get", "hub", "--format", "json"],
    ])
      expect((await run(args, { env })).code).toBe(0);
    expect(JSON.parse((await run(["get", "hub", "-f", "json"], { env })).out)).toEqual({
      id: "x",
      name: "hub",
      url: "docker.io",
      username: "robot",
    });
  } finally {
    await server.close();
  }
});

test.each([[["list"]], [["get", "a"]], [["delete", "a", "--yes"]], [["update", "a", "--url", "ghcr.io"]]])(
  "Ctrl-C ends %j, although the API is silent",
  async (argv) => {
    const hung = api().control.fault({ method: "GET", times: -1, action: "hang-before" });
    const stop = new AbortController();
    const ended = run(argv, { signal: stop.signal });
    await api().control.faultReached(hung);
    stop.abort(new Error("interrupted"));
    const { code, out, err } = await ended;
    api().control.releaseFault(hung);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^Error: .*: interrupted\n {2}Nothing was changed\.\n$/);
  },
);
