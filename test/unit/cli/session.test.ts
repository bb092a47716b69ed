import { UnreachableError } from "../../../provider/api";
import { Failure, type Outcome } from "../../../provider/lifecycle";
import { type CommonFlags, Session, Stop, usage } from "../../../provider/cli/session";
import { FleetError } from "../../../provider/fleet/resource";
import { version } from "../../../provider/version.gen";
import { json, KEY, refuse, serve, snapshot, type TestServer } from "../api/server";

let server: TestServer;
beforeAll(async () => void (server = await serve(() => undefined)));
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.handler = (seen, response) => refuse(response, seen, 404, "Snapshot not found");
});

const JWT = "eyJhbGciOi.planted.signature";

function start(flags: CommonFlags = {}, env: Record<string, string> = {}, signal?: AbortSignal) {
  const said = { out: "", err: "" };
  const io = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    env: { DAYTONA_API_URL: server.url, DAYTONA_API_KEY: KEY, HOME: "/nonexistent", ...env },
    signal,
  };
  return { session: new Session(io, flags), said };
}

const outcome = (more: Partial<Outcome> = {}): Outcome => ({ record: null, warnings: [], ...more }) as Outcome;

describe("a time limit", () => {
  test.each<[string, number]>([
    ["45m", 45 * 60_000],
    ["1h30m", 90 * 60_000],
    ["90s", 90_000],
    ["90", 90_000],
    ["500ms", 500],
    ["1", 1_000],
  ])("--timeout %s is %d ms", (timeout, timeoutMs) => {
    expect(start({ timeout }).session.context()).toMatchObject({ timeoutMs });
  });

  test.each(["0", "0s", "soon", "", "-5m", "5 m", "x5", "5x", "1m30", "30m1h"])(
    "--timeout %j is wrong usage, with examples",
    (timeout) => {
      const thrown = (() => {
        try {
          start({ timeout }).session.context();
        } catch (error) {
          return error;
        }
      })();
      expect(thrown).toMatchObject({
        exitCode: 64,
        notice: {
          summary: `--timeout ${timeout} is not a duration`,
          detail: 'Use a number with a unit, such as "45m", "1h30m" or "90s".',
        },
      });
    },
  );

  test("is the lifecycle's own where none is given", () => {
    expect(start().session.context()).not.toHaveProperty("timeoutMs");
  });
});

test("a command waits unless --no-wait says otherwise", () => {
  expect([
    start().session.context().wait,
    start({ wait: true }).session.context().wait,
    start({ wait: false }).session.context().wait,
  ]).toEqual([true, true, false]);
});

test("Ctrl-C of the process is the signal of every call; without one nothing is aborted", () => {
  const stop = new AbortController();
  const { session } = start({}, {}, stop.signal);
  stop.abort();
  expect([session.signal.aborted, session.context().signal.aborted, start().session.signal.aborted]).toEqual([
    true,
    true,
    false,
  ]);
});

test("progress, log lines and requests go to stderr; --quiet prints none but requests, and those with --verbose only", () => {
  const told = (flags: CommonFlags): { out: string; err: string } => {
    const { session, said } = start(flags);
    const { log } = session.context();
    log.progress("pulling, 1 s");
    log.buildLine("RUN make");
    log.debug("GET /snapshots: 200");
    expect(log.transfer).toBeUndefined();
    return said;
  };
  expect(told({})).toEqual({ out: "", err: "pulling, 1 s\nRUN make\n" });
  expect(told({ quiet: true })).toEqual({ out: "", err: "" });
  expect(told({ verbose: true })).toEqual({ out: "", err: "pulling, 1 s\nRUN make\nGET /snapshots: 200\n" });
});

test("a bar of what is sent is drawn on a terminal only", () => {
  const io = { out: () => undefined, err: () => undefined, env: {}, errColumns: 80 };
  expect(new Session(io, {}).context().log.transfer).toBeInstanceOf(Function);
  expect(new Session(io, { quiet: true }).context().log.transfer).toBeUndefined();
});

test("requests say which program sends them, and that it is the command line", async () => {
  const { session } = start();
  await session.connection.getSnapshot({ name: "x" });
  session.connection.close();
  expect(server.requests.map(({ headers }) => headers["user-agent"])).toEqual([`daytona-iac/${version} cli`]);
});

describe("what goes wrong is an error with an exit code", () => {
  const failing = async (error: unknown, flags: CommonFlags = {}, signal?: AbortSignal) => {
    const { session, said } = start(flags, {}, signal);
    const code = await session.run("doing it", () => Promise.reject(error as Error));
    expect(said.out).toBe("");
    return { code, err: said.err };
  };

  test("what the body ends with is the code, and 0 where it ends with none", async () => {
    expect([
      await start().session.run("doing it", async () => 3),
      await start().session.run("doing it", async () => undefined),
    ]).toEqual([3, 0]);
  });

  test.each<[string, unknown, { code: number; err: string }]>([
    ["a message of ours", new Stop({ summary: "no", detail: "Because." }), { code: 1, err: "Error: no\n  Because.\n" }],
    ["wrong usage", usage("--x is wrong"), { code: 64, err: "Error: --x is wrong\n" }],
    ["one that has been said", new Stop(null, 5), { code: 5, err: "" }],
    [
      "a state that cannot be read",
      new FleetError("the state is empty", "Give another."),
      { code: 1, err: "Error: doing it: the state is empty\n  Give another.\n" },
    ],
    [
      "something unforeseen",
      new TypeError("x is not a function"),
      { code: 1, err: "Error: doing it failed\n  x is not a function\n" },
    ],
    ["what is no error", "torn", { code: 1, err: "Error: doing it failed\n  torn\n" }],
  ])("%s", async (_what, error, expected) => expect(await failing(error)).toEqual(expected));

  test("an interrupt of a reading command changed nothing, and says so", async () => {
    expect(await failing(new Error("aborted"), {}, AbortSignal.abort())).toEqual({
      code: 1,
      err: "Error: doing it: interrupted\n  Nothing was changed.\n",
    });
  });

  test("with --format json it is JSON on stderr, with the API's status where there was one", async () => {
    expect(
      JSON.parse(
        (await failing(new Stop({ summary: "no", detail: "Because." }, 1, { status: 404 }), { format: "json" })).err,
      ),
    ).toEqual({ error: { summary: "no", detail: "Because.", status: 404 } });
    expect(JSON.parse((await failing(new Error("torn"), { format: "json" })).err)).toMatchObject({
      error: { status: null },
    });
  });

  test("an answer of the API: what it said, and where the credentials came from", async () => {
    server.handler = (seen, response) => refuse(response, seen, 401, "Invalid credentials");
    const { session, said } = start({ format: "json" });
    expect(await session.run("doing it", async () => void (await session.connection.listSnapshots({})))).toBe(1);
    expect(JSON.parse(said.err)).toEqual({
      error: {
        summary: "doing it: the API rejected the credentials",
        detail: expect.stringContaining(
          "The credentials come from DAYTONA_API_KEY, the address from DAYTONA_API_URL.",
        ) as string,
        status: 401,
      },
    });
  });

  test("an API that cannot be reached has no status", async () => {
    expect(
      JSON.parse(
        (
          await failing(new UnreachableError("connection refused", { status: 0, request: "GET /snapshots" }), {
            format: "json",
          })
        ).err,
      ),
    ).toMatchObject({ error: { summary: "doing it: cannot reach the API", status: null } });
  });

  test("no credentials: all ways to give them", async () => {
    const { session, said } = start({}, { DAYTONA_API_KEY: "" });
    expect(await session.run("doing it", async () => void session.connection)).toBe(1);
    expect(said.err).toMatch(
      /^Error: doing it: not configured\n {2}No Daytona credentials found: set .*DAYTONA_API_KEY.*`daytona login`\)\.\n$/,
    );
    // The command line has no provider block.
    expect(said.err).not.toContain("provider configuration");
  });
});

test("whatever way a command ends, its connections are closed", async () => {
  for (const body of [async () => 0, () => Promise.reject(new Error("torn"))]) {
    const { session } = start();
    const close = jest.spyOn(session.connection, "close");
    await session.run("doing it", body);
    expect(close).toHaveBeenCalledTimes(1);
  }
});

test("the spinner is gone before an error or a warning is printed, and at the end", async () => {
  const order: string[] = [];
  const session = new Session({ out: () => undefined, err: (text) => void order.push(text), env: {} }, {});
  jest.spyOn(session.reporter, "stop").mockImplementation(() => void order.push("stop"));
  await session.part(() => Promise.reject(usage("--x is wrong")));
  session.judge(outcome({ warnings: [{ summary: "Moved", detail: "" }] }));
  await session.run("doing it", async () => 0);
  expect(order).toEqual(["stop", "Error: --x is wrong\n", "stop", "Warning: Moved\n", "stop"]);
});

describe("one of several things that a command does", () => {
  test("prints its own error, and the command goes on", async () => {
    const { session, said } = start();
    expect(await session.part(() => Promise.reject(usage("--x is wrong")))).toBe(64);
    expect(await session.part(() => Promise.reject(new Error("torn")))).toBe(1);
    expect(await session.part(async () => undefined)).toBe(0);
    expect(said).toEqual({ out: "", err: "Error: --x is wrong\nError: the command failed\n  torn\n" });
  });
});

describe("the end of a call", () => {
  test("warnings are printed, and a success goes on", () => {
    const { session, said } = start();
    session.judge(outcome({ warnings: [{ summary: "Moved", detail: "The tag moved." }] }));
    expect(said).toEqual({ out: "", err: "Warning: Moved\n  The tag moved.\n" });
  });

  test("an error ends the command with 1; its warnings are printed before", async () => {
    const { session, said } = start();
    const code = await session.run("doing it", async () =>
      session.judge(
        outcome({
          warnings: [{ summary: "Kept", detail: "" }],
          error: { summary: "failed", detail: "" },
          failure: new Failure({ summary: "failed", detail: "" }, { code: "deadline" }),
        }),
      ),
    );
    expect({ code, ...said }).toEqual({ code: 1, out: "", err: "Warning: Kept\nError: failed\n" });
  });

  test("an interrupt ends it with 1, after what the warnings said", async () => {
    const { session, said } = start();
    const code = await session.run("doing it", async () =>
      session.judge(outcome({ warnings: [{ summary: "Exists", detail: "" }], interrupted: true })),
    );
    expect({ code, err: said.err }).toEqual({ code: 1, err: "Warning: Exists\n" });
  });
});

test("no secret of the environment is in an error, a warning, progress or JSON", async () => {
  const texts = [KEY, JWT];
  for (const format of ["table", "json"] as const) {
    const { session, said } = start(
      { format, verbose: true },
      { DAYTONA_JWT_TOKEN: JWT, DAYTONA_ORGANIZATION_ID: "org" },
    );
    for (const [at, secret] of texts.entries()) {
      session.context().log.progress(`sending ${at} ${secret}`);
      session.context().log.debug(`with ${secret}`);
      await session.part(() =>
        Promise.reject(new Stop({ summary: `rejected ${secret}`, detail: `It was ${secret}.` })),
      );
      await session.part(async () =>
        session.judge(outcome({ warnings: [{ summary: `old ${secret}`, detail: `It was ${secret}.` }] })),
      );
    }
    for (const secret of texts) expect(said.err).not.toContain(secret);
    expect(said.err.split("[secret]")).toHaveLength(texts.length * 6 + 1);
  }
});

describe("a snapshot by name or ID", () => {
  test("that does not exist is an error with 404, and names are said to be case-sensitive", async () => {
    server.handler = (seen, response) =>
      seen.path.startsWith("/api/snapshots?")
        ? json(response, 200, { items: [], total: 0, page: 1, totalPages: 0 })
        : refuse(response, seen, 404, "Snapshot not found");
    const { session, said } = start({ format: "json" });
    expect(
      await session.run("reading", async () => void (await session.find("Agent", 'reading snapshot "Agent"'))),
    ).toBe(1);
    expect(JSON.parse(said.err)).toEqual({
      error: {
        summary: 'reading snapshot "Agent": no such snapshot',
        detail:
          "No snapshot in this organization has this name or ID. Names are case-sensitive. Run `daytona-iac snapshot list` to see them.",
        status: 404,
      },
    });
  });

  test("of another organization can be shown, but not changed", async () => {
    const id = "00000000-0000-4000-8000-00000000000a";
    server.handler = (_seen, response) => json(response, 200, snapshot(id, { general: true }));
    const { session, said } = start();
    expect((await session.find(id, "reading")).id).toBe(id);
    expect(await session.run("x", async () => void (await session.own(id, `deleting snapshot "${id}"`)))).toBe(1);
    expect(said.err).toBe(
      `Error: deleting snapshot "${id}": it belongs to another organization\n  Snapshot ${id} is a general snapshot: every organization can use it, but only its owner can change it.\n`,
    );
    expect(server.requests.every(({ method }) => method === "GET")).toBe(true);
  });

  test("is not asked for any more once the user has pressed Ctrl-C", async () => {
    server.handler = (_seen, response) => json(response, 200, snapshot("a"));
    const { session, said } = start({}, {}, AbortSignal.abort());
    expect(await session.run("reading", async () => void (await session.find("name-a", "reading")))).toBe(1);
    expect({ requests: server.requests.length, err: said.err }).toEqual({
      requests: 0,
      err: "Error: reading: interrupted\n  Nothing was changed.\n",
    });
  });
});
