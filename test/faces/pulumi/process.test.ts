import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { credentials } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { GetSchemaRequest } from "@pulumi/pulumi/proto/provider_pb";
import published from "../../../schema.json";
import { PATIENCE } from "./setup";

jest.setTimeout(PATIENCE);

/** Asks for the schema at the port that is its argument, and prints the answer's length, or the error. */
const ASK = `const { credentials } = require("@grpc/grpc-js");
const { ResourceProviderClient } = require("@pulumi/pulumi/proto/provider_grpc_pb");
const { GetSchemaRequest } = require("@pulumi/pulumi/proto/provider_pb");
const client = new ResourceProviderClient("127.0.0.1:" + process.argv[1], credentials.createInsecure());
client.getSchema(new GetSchemaRequest(), (error, answer) => { process.stdout.write(error ? error.code + " " + error.details : "schema of " + answer.getSchema().length); client.close(); });`;

/** The plugin as the engine starts it, here as the script for Node that the package ships. */
describe("the native provider as a process", () => {
  const root = join(__dirname, "../../..");
  const dir = mkdtempSync(join(tmpdir(), "daytona-iac-pulumi-process-"));
  const plugin = join(dir, "pulumi-resource-daytona");
  const started: ChildProcess[] = [];

  beforeAll(() => {
    writeFileSync(join(dir, "package.json"), '{"type":"commonjs"}');
    const program = `import { pulumiScript } from ${JSON.stringify(pathToFileURL(join(root, "scripts/build-pulumi.mjs")).href)}; pulumiScript(${JSON.stringify(dir)});`;
    execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: root });
  });
  afterAll(() => {
    for (const child of started) if (child.exitCode === null) child.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });

  /** Starts a program and answers its first line. */
  async function start(
    command: string,
    args: string[],
  ): Promise<{ child: ChildProcess; line: string; ended: Promise<number | null> }> {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    started.push(child);
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    let text = "";
    const line = await new Promise<string>((resolve) =>
      child.stdout?.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes("\n")) resolve(text);
      }),
    );
    return { child, line, ended };
  }

  function schemaAt(port: string): Promise<unknown> {
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    return new Promise((resolve, reject) =>
      client.getSchema(new GetSchemaRequest(), (error, answer) => {
        client.close();
        if (error) reject(error);
        else resolve(JSON.parse(answer.getSchema()));
      }),
    );
  }

  test("the port is all that it prints, the schema is the published one, and an interrupt ends it", async () => {
    const { child, line, ended } = await start(plugin, ["127.0.0.1:1"]);
    expect(line).toMatch(/^\d+\n$/);
    expect(await schemaAt(line.trim())).toEqual(published);
    child.kill("SIGINT");
    expect(await ended).toBe(0);
  });

  // As the superuser, a test can be another user as well.
  const others = process.platform === "linux" && process.getuid?.() === 0 ? test : test.skip;
  others("another user of the machine gets no answer, and the one who runs it does", async () => {
    const { child, line, ended } = await start(plugin, ["127.0.0.1:1"]);
    const script = `process.setuid(65534); ${ASK}`;
    const asked = (program: string) =>
      execFileSync(process.execPath, ["-e", program, line.trim()], { cwd: root, encoding: "utf8" });
    expect(asked(script)).toBe("7 The Daytona provider accepts requests only from the user who runs it.");
    expect(asked(ASK)).toMatch(/^schema of \d+/);
    expect(await schemaAt(line.trim())).toEqual(published);
    child.kill("SIGINT");
    expect(await ended).toBe(0);
  });

  test("it ends when the engine that started it is killed outright", async () => {
    const parent = `const c = require("child_process").spawn(${JSON.stringify(plugin)}, [], { stdio: ["ignore", "pipe", "inherit"] }); c.stdout.once("data", (d) => console.log(c.pid + " " + String(d).trim()));`;
    const { child, line, ended } = await start(process.execPath, ["-e", parent]);
    const [pid, port] = line.trim().split(" ") as [string, string];
    expect(await schemaAt(port)).toMatchObject({ name: "daytona" });
    child.kill("SIGKILL");
    await ended;
    const alive = (): boolean => {
      try {
        process.kill(Number(pid), 0);
        return true;
      } catch {
        return false;
      }
    };
    for (let i = 0; i < 300 && alive(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(alive()).toBe(false);
  });
});
