import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { onTerminal } from "../support/terminal";

jest.setTimeout(60_000);
const cli = `'${process.execPath}' '${join(__dirname, "../../../dist/cli/main.js")}'`;
const folder = mkdtempSync(join(tmpdir(), "daytona-secret-"));
const QUESTION = 'Password of registry "hub": ';
let api: LocalApi;
beforeAll(async () => void (api = await startLocalApi()));
afterEach(() => api.control.reset());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await api.close();
});

const env = (): NodeJS.ProcessEnv => ({
  DAYTONA_API_URL: api.apiUrl,
  DAYTONA_API_KEY: api.apiKey,
  HOME: folder,
  DAYTONA_IAC_REGISTRY_PASSWORD: "",
});
const create = `${cli} registry create hub --url docker.io --username robot`;

test.each<[string, string, string, string]>([
  ["as it is typed", create, 'b"planted-password\\r"', "planted-password"],
  ["corrected with the backspace key", create, 'b"planted-passworx\\x7fd\\r"', "planted-password"],
  [
    "with --password-stdin, which is the terminal",
    `${create} --password-stdin`,
    'b"planted-password\\r"',
    "planted-password",
  ],
  ["with spaces at its ends, which are part of it", create, 'b" planted-password \\r"', " planted-password "],
  ["where messages go elsewhere", `${create} 2> '${folder}/messages'`, 'b"planted-password\\r"', "planted-password"],
])("a password is asked for on the terminal, and not shown: %s", async (_what, command, typed, password) => {
  const { code, out } = await onTerminal(command, QUESTION, typed, env());
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringMatching(
      /^Password of registry "hub": \r\n[^]*Registry "hub" was created\.\r\nID: [0-9a-f-]{36}\r\n/,
    ) as string,
  });
  expect(out).not.toContain("planted");
  expect(api.control.registries()).toMatchObject([{ name: "hub", password }]);
});

test.each<[string, string]>([
  ["Ctrl-C", 'b"\\x03"'],
  ["the end of the input", 'b"\\x04"'],
  ["an empty line", 'b"\\r"'],
])("%s is no password: nothing is created", async (_what, typed) => {
  const { code, out } = await onTerminal(create, QUESTION, typed, env());
  expect({ code, out }).toEqual({
    code: 1,
    out: `${QUESTION}\r\nError: no password was given\r\n  Nothing was changed.\r\n`,
  });
  expect(api.control.registries()).toEqual([]);
});

test("no history of what was typed is offered or kept", async () => {
  // The key for the line before.
  const { code } = await onTerminal(create, QUESTION, 'b"planted-password\\x1b[A\\r"', env());
  expect({ code, passwords: api.control.registries().map(({ password }) => password) }).toEqual({
    code: 0,
    passwords: ["planted-password"],
  });
});

test("an update asks only with --password-stdin", async () => {
  await onTerminal(create, QUESTION, 'b"planted-password\\r"', env());
  const plain = await onTerminal(`${cli} registry update hub --username other`, "never asked", "b''", env());
  expect(plain).toEqual({
    code: 0,
    out: expect.stringContaining('Registry "hub" was updated: username.\r\n') as string,
  });
  const asked = await onTerminal(
    `${cli} registry update hub --password-stdin`,
    QUESTION,
    'b"planted-password-2\\r"',
    env(),
  );
  expect(asked).toEqual({
    code: 0,
    out: expect.stringContaining('Registry "hub" was updated: password.\r\n') as string,
  });
  expect(asked.out).not.toContain("planted");
  expect(api.control.registries()).toMatchObject([{ username: "other", password: "planted-password-2" }]);
});

test("a password in a pipe is read, and nobody is asked", async () => {
  const child = spawn(
    "sh",
    ["-c", `printf 'planted-password\\n' | ${create} --password-stdin 2> '${folder}/messages'`],
    { env: { ...process.env, ...env() }, stdio: ["ignore", "pipe", "inherit"] },
  );
  let out = "";
  child.stdout.on("data", (data: Buffer) => void (out += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  expect({ code, out, messages: readFileSync(join(folder, "messages"), "utf8") }).toEqual({
    code: 0,
    out: expect.stringMatching(/^Registry "hub" was created\.\nID: /) as string,
    messages: "",
  });
  expect(api.control.registries()).toMatchObject([{ password: "planted-password" }]);
});
