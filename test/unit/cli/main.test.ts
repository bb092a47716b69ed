import { commands } from "../../../provider/cli/commands";
import { main } from "../../../provider/cli/main";
import { commit } from "../../../provider/commit";
import { version } from "../../../provider/version.gen";

async function run(...argv: string[]) {
  let [out, err] = ["", ""];
  const code = await main(argv, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    env: { HOME: "/nonexistent" },
  });
  return { code, out, err };
}

test("version prints the version alone, for scripts", async () => {
  expect(await run("version")).toEqual({ code: 0, out: `${version}\n`, err: "" });
});

test.each(["--version", "-v"])("%s prints also the commit that it was built from", async (argument) => {
  expect(await run(argument)).toEqual({ code: 0, out: `${version} (commit ${commit})\n`, err: "" });
});

test.each(["help", "--help", "-h"])("%s lists every command on stdout", async (argument) => {
  const { code, out, err } = await run(argument);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const { name, about } of commands) expect(out).toContain(`  ${name.padEnd(10)}  ${about}\n`);
  for (const name of ["version", "help"]) expect(out).toMatch(new RegExp(`^ {2}${name} {3,}print`, "m"));
  expect(out).toContain('Run "daytona-iac <command> --help" for help on a command.\n');
});

test("without a command the help is on stderr, and it is wrong usage", async () => {
  const { code, out, err } = await run();
  expect({ code, out }).toEqual({ code: 64, out: "" });
  expect(err).toBe((await run("help")).out);
});

test.each(commands.map(({ name }) => name))("`help %s` is the help of that command", async (name) => {
  const help = await run("help", name);
  expect(help.code).toBe(0);
  expect(help.out).toContain(`Usage: daytona-iac ${name}`);
  expect(help).toEqual(await run(name, "--help"));
});

test("`help` for what is no command lists the commands", async () => {
  expect((await run("help", "bogus")).out).toBe((await run("help")).out);
});

test.each<[string, string]>([
  ["instal", ' Did you mean "install"?'],
  ["drfit", ' Did you mean "drift"?'],
  ["versoin", ' Did you mean "version"?'],
  ["xyzzy", ""],
])("%s is wrong usage, with what was probably meant", async (name, suggestion) => {
  expect(await run(name)).toEqual({
    code: 64,
    out: "",
    err: `Error: unknown command "${name}".${suggestion} Run "daytona-iac help" for a list.\n`,
  });
});

test("a command gets what follows it, and its exit code is that of the process", async () => {
  expect(await run("completion", "bash")).toMatchObject({
    code: 0,
    out: expect.stringContaining("complete -o default -F _daytona_iac daytona-iac") as string,
  });
  expect((await run("completion", "tcsh")).code).toBe(64);
  expect(await run("snapshot", "list")).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining("listing snapshots: not configured") as string,
  });
});
