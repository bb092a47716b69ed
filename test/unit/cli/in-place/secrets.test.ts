import { PASSWORD, PLANTED, registryCommandLine } from "./run";

const { api, run, changing } = registryCommandLine();
const hub = ["create", "hub", "--url", "docker.io", "--username", "robot"];
const passwords = (): string[] =>
  api()
    .control.registries()
    .map(({ password }) => password);

test.each<[string, string | Uint8Array, string]>([
  ["a line", `${PASSWORD}\n`, PASSWORD],
  ["a line of Windows", `${PASSWORD}\r\n`, PASSWORD],
  ["a text without an end of the line", PASSWORD, PASSWORD],
  ["bytes", Buffer.from(`${PASSWORD}-ä\n`), `${PASSWORD}-ä`],
  ["bytes with a mark of their order, as PowerShell sends them", Buffer.from(`\ufeff${PASSWORD}\r\n`), PASSWORD],
  ["several lines, of which only the last end goes", `${PLANTED}\n${PLANTED}\n\n`, `${PLANTED}\n${PLANTED}\n`],
  ["spaces, which are part of it", ` ${PASSWORD} \n`, ` ${PASSWORD} `],
])("--password-stdin takes %s", async (_what, text, password) => {
  expect((await run([...hub, "--password-stdin"], { read: async () => text })).code).toBe(0);
  expect(passwords()).toEqual([password]);
});

test.each<[string, string | Uint8Array | undefined, string]>([
  ["nothing", "", "standard input is empty"],
  ["an empty line", "\n", "standard input is empty"],
  ["bytes that are no text", Buffer.from([0x70, 0xff, 0xfe]), "standard input is not UTF-8 text"],
  ["no standard input", undefined, "standard input is empty"],
])("--password-stdin with %s is wrong usage, and nothing is sent", async (_what, text, problem) => {
  const more = text === undefined ? {} : { read: async () => text };
  expect(await run([...hub, "--password-stdin"], more)).toEqual({
    code: 64,
    out: "",
    err: `Error: --password-stdin: ${problem}\n  Nothing was changed.\n`,
  });
  expect(changing()).toEqual([]);
});

test("--password-stdin counts before the environment, and the environment before a question", async () => {
  const askSecret = jest.fn(async () => `${PLANTED}-asked`);
  const env = { DAYTONA_IAC_REGISTRY_PASSWORD: `${PLANTED}-environment` };
  await run([...hub, "--password-stdin"], { read: async () => `${PLANTED}-stdin`, env });
  await run(hub, { askSecret, env });
  expect({ asked: askSecret.mock.calls.length, passwords: passwords() }).toEqual({
    asked: 0,
    passwords: [`${PLANTED}-environment`, `${PLANTED}-stdin`],
  });
});

test("a terminal is asked where nothing else has the password, without --password-stdin and with it", async () => {
  const asked: string[] = [];
  const askSecret = async (question: string): Promise<string> => (asked.push(question), PASSWORD);
  const read = jest.fn(async () => "shown while it is typed");
  await run(hub, { askSecret, read, env: { DAYTONA_IAC_REGISTRY_PASSWORD: "" } });
  await run([...hub, "--password-stdin"], { askSecret, read });
  expect({ asked, passwords: passwords(), read: read.mock.calls.length }).toEqual({
    asked: ['Password of registry "hub": ', 'Password of registry "hub": '],
    passwords: [PASSWORD, PASSWORD],
    read: 0,
  });
});

test("no answer is no password", async () => {
  for (const flags of [[], ["--password-stdin"]])
    expect(await run([...hub, ...flags], { askSecret: async () => "" })).toEqual({
      code: 1,
      out: "",
      err: "Error: no password was given\n  Nothing was changed.\n",
    });
  expect(changing()).toEqual([]);
});

test("without a terminal, a missing password is wrong usage, with both ways to give it", async () => {
  expect(await run(hub, { ask: async () => PASSWORD })).toEqual({
    code: 64,
    out: "",
    err: "Error: a password is required, and there is no terminal to ask for it on\n  Use --password-stdin, or set DAYTONA_IAC_REGISTRY_PASSWORD.\n",
  });
  expect(changing()).toEqual([]);
});

test("the help says why no flag takes a password, and what does", async () => {
  const why =
    "There is no flag for the password, because every user of the machine can see a process's arguments, and the shell keeps them in its history. It is read\nfrom standard input with --password-stdin, otherwise from the environment variable DAYTONA_IAC_REGISTRY_PASSWORD.\n";
  expect((await run(["create", "--help"])).out).toContain(
    `${why}If neither is set, the command asks for it on the terminal, without echo.\n`,
  );
  expect((await run(["update", "--help"])).out).toContain(
    `${why}If neither is set, the current one stays unchanged.\n`,
  );
  expect((await run(["list", "--help"])).out).not.toContain("argument");
});
