import { execFileSync } from "node:child_process";
import {
  assertPlanArguments,
  assertPlanEnvironment,
  planArguments,
  shownArguments,
} from "../../../../provider/cli/drift/plan-arguments";
import { assertPreviewArguments, isPartial } from "../../../../provider/cli/drift/preview-arguments";
import { commandLine, shellWord } from "../../../../provider/cli/shell-words";

test.each<[string[], string]>([
  [["-refresh=false"], "drift cannot plan with -refresh=false"],
  [["-refresh=F"], "drift cannot plan with -refresh=F"],
  [["--refresh=0"], "drift cannot plan with -refresh=0"],
  [["-refresh-only"], "drift cannot plan with -refresh-only"],
  [["-refresh-only=true"], "drift cannot plan with -refresh-only=true"],
  [["--destroy"], "drift cannot plan with -destroy"],
  [["-out=x"], "drift cannot plan with -out"],
  [["-out", "x"], "drift cannot plan with -out"],
  [["-lock"], "drift cannot plan with -lock"],
  [["-lock=true"], "drift cannot plan with -lock=true"],
  [["-generate-config-out=x"], "drift cannot plan with -generate-config-out"],
  [["-h"], "drift cannot plan with -h"],
  [["--help"], "drift cannot plan with -help"],
  [["-var", "a=b", "-destroy"], "drift cannot plan with -destroy"],
  [["-target", "x.y", "-refresh-only"], "drift cannot plan with -refresh-only"],
])("after the dashes, %j is refused", (args, summary) => expect(() => assertPlanArguments(args)).toThrow(summary));

test("what only looks like such an argument is none", () => {
  for (const args of [
    ["-var", "-destroy"],
    ["-var=x=-destroy"],
    ["-target", "-refresh-only"],
    ["-destroy=false"],
    ["-refresh"],
    ["-refresh=true"],
    ["-lock=false"],
    ["-lock-timeout=5s"],
    ["-json"],
    ["-detailed-exitcode"],
    ["-var-file", "-out"],
    ["-replace=a.b"],
  ])
    expect(() => assertPlanArguments(args)).not.toThrow();
});

test("of the environment, only what cannot be overridden is refused, by the variable's name", () => {
  for (const text of ["-refresh=false", "-out=x -lock=true", "-json", "-var 'x=-destroy'"])
    expect(() => assertPlanEnvironment({ TF_CLI_ARGS_plan: text, TF_CLI_ARGS: text })).not.toThrow();
  expect(() => assertPlanEnvironment({ TF_CLI_ARGS_plan: "-no-color '-destroy'" })).toThrow(
    /^drift cannot plan with -destroy\n.* Remove it from TF_CLI_ARGS_plan\.$/s,
  );
  // A word with an asterisk is a word: without it, what follows would be taken for the value of -var.
  expect(() => assertPlanEnvironment({ TF_CLI_ARGS_plan: "-var x=* -destroy" })).toThrow(
    /^drift cannot plan with -destroy\n/,
  );
  expect(() => assertPlanEnvironment({ TF_CLI_ARGS: "-refresh-only" })).toThrow(/Remove it from TF_CLI_ARGS\.$/);
});

test("the check's own arguments come last, and undo what would change the output or the exit code", () => {
  expect(planArguments(["-var", "a=b"], {}, "/p")).toEqual([
    "plan",
    "-var",
    "a=b",
    "-refresh=true",
    "-lock=false",
    "-input=false",
    "-no-color",
    "-out=/p",
  ]);
  expect(planArguments(["-json"], { TF_CLI_ARGS_plan: "-detailed-exitcode" }, "/p").slice(-3)).toEqual([
    "-json=false",
    "-detailed-exitcode=false",
    "-out=/p",
  ]);
});

test("values of variables are not shown, in whichever spelling; a shell asks for them", () => {
  const shown = shownArguments([
    "-var",
    "token=planted",
    "-var=b-c=planted two",
    "--var",
    "d=$(planted)",
    "-var-file=prod env.tfvars",
    '-target=a["x"]',
  ]);
  expect(shown).toEqual([
    '-var "token=${token:?}"',
    '-var "b-c=${b_c:?}"',
    '--var "d=${d:?}"',
    "'-var-file=prod env.tfvars'",
    "'-target=a[\"x\"]'",
  ]);
  expect(() =>
    execFileSync("sh", ["-c", `echo ${shown[0]}`], { env: { PATH: process.env["PATH"] }, stdio: "pipe" }),
  ).toThrow();
  expect(
    execFileSync("sh", ["-c", `printf %s ${shown[0]!.replace("-var", "")}`], {
      env: { PATH: process.env["PATH"], token: "a b" },
    }).toString(),
  ).toBe("token=a b");
  expect(shownArguments(["-var", 'x";rm -rf /;"=1'])).toEqual(['-var "xrm-rf=${x__rm__rf____:?}"']);
});

test.each(["my infra", "it's", "a\nb", "$HOME", "`x`", "a;b", "", "*", "plain/path-1.0_x", "\\"])(
  "a shell reads back %j",
  (word) => {
    expect(execFileSync("sh", ["-c", `printf %s ${shellWord(word)}`]).toString()).toBe(word);
    expect(commandLine(["a", word])).toBe(`a ${shellWord(word)}`);
  },
);

test.each([
  "--refresh=false",
  "-r=false",
  "--destroy",
  "--json",
  "-j",
  "--stack=x",
  "-s",
  "--cwd=x",
  "--save-plan=p",
  "--import-file=x",
  "--config",
  "-c",
  "--config=a=b",
  "--event-log=x",
  "--run-program=false",
  "--remote",
  "-h",
])("a preview with %s is refused", (arg) => {
  expect(() => assertPreviewArguments(["--diff", arg])).toThrow(`drift cannot preview with ${arg.split("=")[0]}`);
});

test("arguments of a preview that work", () => {
  expect(() =>
    assertPreviewArguments([
      "--config-file",
      "prod.yaml",
      "--refresh",
      "--refresh=true",
      "--expect-no-changes",
      "--diff",
      "--target",
      "urn",
      "--config-path",
      "x",
    ]),
  ).not.toThrow();
  expect(
    [["--target", "u"], ["--target=u"], ["-t", "u"], ["-tu"], ["--exclude=u"], ["--target-dependents"]].map(isPartial),
  ).toEqual([true, true, true, true, true, true]);
  expect([["--diff"], ["--config-file", "t"], []].map(isPartial)).toEqual([false, false, false]);
});
