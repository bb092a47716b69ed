import type { Command } from "commander";
import type { Io } from "../../../provider/cli/io";
import {
  collect,
  type Done,
  examples,
  formatOption,
  newCommand,
  positive,
  runCommand,
  whole,
} from "../../../provider/cli/run-command";

interface Ran {
  code: number;
  out: string;
  err: string;
  flags: Record<string, unknown> | null;
}

/** Runs a command that has every kind of flag. */
async function run(argv: string[], act: () => Promise<number> = async () => 7): Promise<Ran> {
  let [out, err] = ["", ""];
  let flags: Record<string, unknown> | null = null;
  const define = (io: Io, done: Done): Command =>
    newCommand(io, "toy", "Do something")
      .option("--name <text>", "a name")
      .option("--tag <tag>", "a tag (repeatable)", collect)
      .option("--count <number>", "a number", whole)
      .option("--page <number>", "a page", positive)
      .addOption(formatOption(["table", "json"], true))
      .addHelpText("after", examples("toy --name x", "toy --count 2"))
      .action(async (given: Record<string, unknown>) => {
        flags = given;
        done(await act());
      });
  const code = await runCommand(
    { out: (text) => void (out += text), err: (text) => void (err += text), env: {} },
    define,
    argv,
  );
  return { code, out, err, flags };
}

test("the exit code is the command's own, and nothing is printed besides", async () => {
  expect(await run([])).toEqual({ code: 7, out: "", err: "", flags: {} });
  expect((await run([], async () => 0)).code).toBe(0);
});

test("a flag that can be repeated keeps every value, in order", async () => {
  expect((await run(["--tag", "b", "--tag", "a", "--tag", "c"])).flags).toEqual({ tag: ["b", "a", "c"] });
});

test.each([
  ["--name", "a", "--name", "b"],
  ["--name", "a", "--name", "a"],
  ["--count", "1", "--count", "1"],
  ["-f", "json", "--format", "json"],
])("%s given twice is wrong usage, because one value would be lost", async (...argv) => {
  const { code, err, flags } = await run(argv);
  expect({ code, flags }).toEqual({ code: 64, flags: null });
  expect(err).toMatch(/^Error: option '(-f, )?--\w+ <\w+>' is given twice\. Remove one of them\.\n/);
});

test.each<[string[], Record<string, unknown>]>([
  [["--count", "0"], { count: 0 }],
  [["--count", "120"], { count: 120 }],
  [["--page", "1"], { page: 1 }],
  [["--page", "2"], { page: 2 }],
  [["-f", "json"], { format: "json" }],
  [["--format", "table"], { format: "table" }],
])("%j is understood", async (argv, flags) => expect((await run(argv)).flags).toEqual(flags));

test.each<[string[], string]>([
  [["--count", "1.5"], "It is not a whole number."],
  [["--count=-1"], "It is not a whole number."],
  [["--count", "2x"], "It is not a whole number."],
  [["--count", "x2"], "It is not a whole number."],
  [["--count", ""], "It is not a whole number."],
  [["--page", "0"], "It must be 1 or more."],
  [["--page", "one"], "It is not a whole number."],
  [["--format", "xml"], "Allowed choices are table, json."],
  [["--name"], "argument missing"],
  [["extra"], "too many arguments"],
])("%j is wrong usage: 64, said on stderr, and where to find help", async (argv, message) => {
  const { code, out, err, flags } = await run(argv);
  expect({ code, out, flags }).toEqual({ code: 64, out: "", flags: null });
  expect(err).toContain(message);
  expect(err).toContain('Run "daytona-iac toy --help" for help.');
});

test("a wrong flag suggests the one that was probably meant", async () => {
  expect((await run(["--nam", "x"])).err).toContain("(Did you mean --name?)");
});

test.each(["--help", "-h"])("%s is asked for: it goes to stdout, with the examples, and ends with 0", async (flag) => {
  const { code, out, err, flags } = await run([flag]);
  expect({ code, err, flags }).toEqual({ code: 0, err: "", flags: null });
  expect(out).toContain("Usage: daytona-iac toy [options]");
  expect(out.replace(/\s+/g, " ")).toContain('output format (default: table) (choices: "table", "json")');
  expect(out).toMatch(/\nExamples:\n {2}daytona-iac toy --name x\n {2}daytona-iac toy --count 2\n/);
});

test("help of the whole group, when it was not asked for, is wrong usage; when it was, it is none", async () => {
  const group = async (argv: string[]) => {
    let [out, err] = ["", ""];
    const code = await runCommand(
      { out: (text) => void (out += text), err: (text) => void (err += text), env: {} },
      (io) => {
        const command = newCommand(io, "group", "Several things");
        command.command("one").action(() => undefined);
        return command;
      },
      argv,
    );
    return { code, out, err };
  };
  expect(await group([])).toEqual({
    code: 64,
    out: "",
    err: expect.stringContaining("Usage: daytona-iac group") as string,
  });
  expect(await group(["help"])).toEqual({
    code: 0,
    out: expect.stringContaining("Usage: daytona-iac group") as string,
    err: "",
  });
  expect(await group(["--help"])).toMatchObject({ code: 0, err: "" });
  expect(await group(["one"])).toEqual({ code: 0, out: "", err: "" });
});

test.each([
  [new Error("disk full"), "disk full"],
  ["a text", "a text"],
])(
  "what a command throws unforeseen is an error that names the command, not a stack trace: %p",
  async (thrown, text) => {
    const { code, out, err } = await run([], () => Promise.reject(thrown as Error));
    expect({ code, out, err }).toEqual({ code: 1, out: "", err: `Error: daytona-iac toy failed\n  ${text}\n` });
  },
);
