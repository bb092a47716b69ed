import { join } from "node:path";
import ts from "typescript";

const root = join(__dirname, "../../..");

/** Compiles configs.ts as a user's strict program, with `change` made to its text; answers the messages. */
function compile(options: ts.CompilerOptions, change: (text: string) => string = (text) => text): string[] {
  const file = join(__dirname, "configs.ts");
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, version, ...rest) =>
    name === file
      ? ts.createSourceFile(name, change(ts.sys.readFile(name) ?? ""), version)
      : getSourceFile.call(host, name, version, ...rest);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, " "));
}

const strict: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
};

test("right configs compile, and wrong ones do not", () => {
  expect(compile(strict)).toEqual([]);
}, 60_000);

test("so a wrong config that compiled would be seen", () => {
  const messages = compile(strict, (text) =>
    text.replace('{ name: "a", image: "a:1", memoryGb: 2 }', '{ name: "a", image: "a:1", memory: 2 }'),
  );
  expect(messages).toEqual(["Unused '@ts-expect-error' directive."]);
}, 60_000);
