import { NativeProvider } from "../../../provider/pulumi/native/provider";
import { BuildFailedError, DaytonaError } from "../../../provider/library";
import { Calls } from "../../../provider/terraform/serve/calls";
import { createLog } from "../../../provider/terraform/serve/log";
import { Scope } from "../../../provider/terraform/serve/scope";
import { Redactor } from "../../../provider/tool/redactor";
import { expectSafe, HOSTILE, READS } from "../kit/text/hostile";

const SECRET = "planted-secret-value";

test("a text that leaves the process has no secret and no control character in it", () => {
  const redactor = new Redactor([SECRET]);
  expect(redactor.text(`${HOSTILE} ${SECRET}`)).toBe(`${READS} [secret]`);
  expect(redactor.text("RUN\ta\nb")).toBe("RUN\ta\nb");
});

test("a sequence or a control character does not hide a secret", () => {
  const redactor = new Redactor([SECRET, "first line\r\nsecond line", "with\u0007bell"]);
  expect(redactor.text("planted-\u001b[31msecret-\u001b]0;x\u0007value")).toBe("[secret]");
  expect(redactor.text("a first line\r\nsecond line b")).toBe("a [secret] b");
  expect(redactor.text("a first line\nsecond line b")).toBe("a [secret] b");
  expect(redactor.text("a with\u0007bell b")).toBe("a [secret] b");
});

test("JSON stays JSON", () => {
  const redactor = new Redactor([SECRET]);
  expect(JSON.parse(redactor.hide(JSON.stringify({ a: `x\u2028\u009b ${SECRET}` })))).toEqual({
    a: "x\u2028\u009b [secret]",
  });
});

test("Terraform: diagnostics, and what the log says once Terraform has parsed it", () => {
  const redactor = new Redactor([SECRET]);
  const lines: string[] = [];
  const log = createLog(
    "trace",
    (text) => redactor.text(text),
    (line) => lines.push(line),
  );
  const scope = new Scope("Apply", { signal: new AbortController().signal, log }, redactor);
  scope.report([{ severity: "error", summary: `creating "a\u001b[2Jb"`, detail: `Reason: ${HOSTILE}` }]);
  expect(scope.diagnostics).toMatchObject([{ summary: 'creating "ab"', detail: `Reason: ${READS}` }]);
  scope.thrown(new Error(HOSTILE));
  expectSafe(JSON.stringify(scope.diagnostics));
  log("info", HOSTILE, { line: HOSTILE, list: [HOSTILE, `${SECRET}\nmore`], left: undefined, count: 3, none: null });
  const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of said) for (const value of Object.values(line)) if (typeof value === "string") expectSafe(value);
  expect(said.at(-1)).toMatchObject({ "@message": READS, line: READS, count: 3, none: null });
  expect(Object.keys(said.at(-1)!)).not.toContain("left");
  expect(lines.join("")).not.toContain(SECRET);
  expect(lines.every((line) => line.endsWith("\n") && line.indexOf("\n") === line.length - 1)).toBe(true);
  expect(new Calls(() => Promise.reject(new Error()), redactor, log).redactor.text(HOSTILE)).toBe(READS);
});

test("Pulumi: messages of the native provider", () => {
  const provider = new NativeProvider({ env: { DAYTONA_API_KEY: SECRET }, version: "0", schema: () => "{}" });
  expect(provider.clean(`${HOSTILE} ${SECRET}`)).toBe(`${READS} [secret]`);
  provider.close();
});

test("the library: a program can print the message; the reason and the log are as the API sent them", () => {
  const error = new DaytonaError(`creating: ${HOSTILE}`, { reason: HOSTILE });
  expect(error).toMatchObject({ message: `creating: ${READS}`, reason: HOSTILE });
  expectSafe(String(error.stack).split("\n    at ")[0]!);
  const failed = new BuildFailedError(HOSTILE, { dto: { id: "1", errorReason: HOSTILE }, tail: ["x"] } as never);
  expect(failed).toMatchObject({ message: READS, reason: HOSTILE, logTail: ["x"] });
});
