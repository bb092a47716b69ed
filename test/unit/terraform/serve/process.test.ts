import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Certificate, createCertificate } from "../../../../provider/kit/certificate";
import { GRPCControllerClient } from "../../../../provider/terraform/wire/generated/goplugin";
import { ProviderClient } from "../../../../provider/terraform/wire/generated/tfplugin6";
import { schemaType } from "../../../../provider/terraform/wire/type";
import { decodeValue, encodeValue } from "../../../../provider/terraform/wire/values";
import { type Built, buildToy, cookie, isRunning, start, type Started, until } from "./built";
import { toyProvider } from "./toy";

jest.setTimeout(60_000);

let built: Built;
let sockets: string;
const running: Started[] = [];
let terraform: Certificate;
let stranger: Certificate;

beforeAll(async () => {
  [terraform, stranger] = await Promise.all([
    createCertificate(new Date(), "P-521"),
    createCertificate(new Date(), "P-521"),
  ]);
  built = buildToy();
  sockets = mkdtempSync(join(tmpdir(), "dt-"));
}, 120_000);
afterEach(() => {
  for (const { child } of running.splice(0)) child.kill("SIGKILL");
});
afterAll(() => {
  built.remove();
  rmSync(sockets, { recursive: true });
});

function begin(form: "executable" | "script", env: NodeJS.ProcessEnv = {}, args: string[] = []): Started {
  const started = start(
    built[form],
    {
      ...cookie,
      PLUGIN_PROTOCOL_VERSIONS: "5,6",
      PLUGIN_CLIENT_CERT: terraform.certPem,
      PLUGIN_UNIX_SOCKET_DIR: sockets,
      TOY_FILE: join(built.dir, "toys.json"),
      ...env,
    },
    args,
  );
  running.push(started);
  return started;
}

function serverCertificate(line: string): X509Certificate {
  return new X509Certificate(Buffer.from(line.split("|")[5]!, "base64"));
}

function secure(line: string, own?: { keyPem: string; certPem: string }): ChannelCredentials {
  const ca = Buffer.from(serverCertificate(line).toString());
  return own === undefined
    ? credentials.createSsl(ca)
    : credentials.createSsl(ca, Buffer.from(own.keyPem), Buffer.from(own.certPem));
}

/** Names of resources, or the code of the error. */
function resources(line: string, channel: ChannelCredentials): Promise<string[] | string> {
  const client = new ProviderClient(`unix:${line.split("|")[3]}`, channel);
  return new Promise((resolve) =>
    client.getMetadata({}, { deadline: Date.now() + 20_000 } as never, (error, answer) => {
      client.close();
      resolve(error ? `code ${error.code}` : answer.resources.map((r) => r.typeName));
    }),
  );
}

function shutdown(line: string): Promise<void> {
  const client = new GRPCControllerClient(`unix:${line.split("|")[3]}`, secure(line, terraform));
  return new Promise((resolve, reject) =>
    client.shutdown({}, (error) => {
      client.close();
      // 14: gone before its answer was read, which on a busy machine may be.
      if (error && error.code !== 14) reject(error);
      else resolve();
    }),
  );
}

describe.each(["executable", "script"] as const)("the %s", (form) => {
  test("shakes hands in one line, serves over mutual TLS, and ends on Shutdown with nothing left", async () => {
    const started = begin(form);
    const line = await started.line;
    expect(line).toMatch(/^1\|6\|unix\|\/[^|]+\|grpc\|[A-Za-z0-9+/]+$/);
    const socket = line.split("|")[3]!;
    expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
    expect(await resources(line, secure(line, terraform))).toEqual(["toy_thing"]);
    await shutdown(line);
    expect(await started.exit).toBe(0);
    expect(started.stdout()).toBe(`${line}\n`);
    expect(started.stderr()).toBe("");
    expect(existsSync(dirname(socket))).toBe(false);
  });

  test("refuses a connection without a certificate, with another one, and without TLS", async () => {
    const line = await begin(form).line;
    expect(await resources(line, secure(line))).toBe("code 14");
    expect(await resources(line, secure(line, stranger))).toBe("code 14");
    expect(await resources(line, credentials.createInsecure())).toBe("code 14");
    expect(await resources(line, secure(line, terraform))).toEqual(["toy_thing"]);
  });

  test("started by hand, it explains itself and ends with 1", async () => {
    const started = begin(form, { TF_PLUGIN_MAGIC_COOKIE: "" });
    expect(await started.exit).toBe(1);
    expect(started.stdout()).toBe("");
    expect(started.stderr()).toContain(
      "It is a plugin: Terraform starts it, and it does nothing when it is run directly.",
    );
  });

  test("started by a Terraform that is too old, it says so and ends with 1", async () => {
    const started = begin(form, { PLUGIN_PROTOCOL_VERSIONS: "4,5" });
    expect(await started.exit).toBe(1);
    expect(started.stderr()).toBe(
      "This provider requires plugin protocol 6, which Terraform 1.0 and later and OpenTofu support. The running version supports only: 4,5.\n",
    );
  });

  test("stays when it is interrupted: Terraform tells it to stop", async () => {
    const started = begin(form);
    const line = await started.line;
    started.child.kill("SIGINT");
    expect(await resources(line, secure(line, terraform))).toEqual(["toy_thing"]);
    started.child.kill("SIGTERM");
    expect(await started.exit).toBe(0);
  });

  test("does not outlive the process that started it", async () => {
    const own = mkdtempSync(join(sockets, "orphan-"));
    const parent = start(
      "/bin/sh",
      {
        ...cookie,
        PLUGIN_CLIENT_CERT: terraform.certPem,
        PLUGIN_UNIX_SOCKET_DIR: own,
      },
      ["-c", `'${built[form]}' & echo "pid $!"; wait`],
    );
    const pid = Number((await parent.line).replace("pid ", ""));
    expect(await until(() => parent.stdout().includes("|grpc|"), 20)).toBe(true);
    parent.child.kill("SIGKILL");
    expect(await until(() => !isRunning(pid), 20)).toBe(true);
    expect(readdirSync(own)).toEqual([]);
  });

  test("an error outside of any call is shown as a panic, and calls under way still answer", async () => {
    const started = begin(form);
    const line = await started.line;
    const type = schemaType(toyProvider("").resources[0]!.schema);
    const value = (v: { name: string } | null) => ({ msgpack: encodeValue(v, type, []), json: Buffer.alloc(0) });
    const client = new ProviderClient(`unix:${line.split("|")[3]}`, secure(line, terraform));
    const id = await new Promise((resolve, reject) =>
      client.applyResourceChange(
        {
          typeName: "toy_thing",
          priorState: value(null),
          plannedState: value({ name: "crash" }),
          config: value({ name: "crash" }),
          plannedPrivate: Buffer.alloc(0),
          plannedIdentity: undefined,
        },
        (error, answer) =>
          error ? reject(error) : resolve((decodeValue(answer.newState, type, []) as { id: string }).id),
      ),
    );
    client.close();
    expect(id).toBe("id-crash");
    expect(await started.exit).toBe(2);
    expect(started.stderr()).toMatch(/^panic: Error: thrown outside of any call\n/m);
  });

  test("with --debug it serves without TLS and says how to reattach", async () => {
    const started = begin(form, { TF_PLUGIN_MAGIC_COOKIE: "", PLUGIN_CLIENT_CERT: "" }, ["--debug"]);
    expect(await until(() => /TF_REATTACH_PROVIDERS='.*'/.test(started.stdout()), 20)).toBe(true);
    const variable = JSON.parse(/TF_REATTACH_PROVIDERS='(.*)'/.exec(started.stdout())![1]!) as Record<
      string,
      { Pid: number; Addr: { String: string } }
    >;
    const entry = variable["registry.terraform.io/daytona-iac/daytona"]!;
    expect(variable["registry.opentofu.org/daytona-iac/daytona"]).toEqual(entry);
    expect(entry).toMatchObject({
      Protocol: "grpc",
      ProtocolVersion: 6,
      Pid: started.child.pid,
      Test: true,
      Addr: { Network: "unix" },
    });
    expect(await resources(`|||${entry.Addr.String}`, credentials.createInsecure())).toEqual(["toy_thing"]);
    started.child.kill("SIGINT");
    expect(await started.exit).toBe(0);
    expect(existsSync(entry.Addr.String)).toBe(false);
  });
});

test("the certificate is one that Go accepts: for localhost, valid since a minute ago, of its own", async () => {
  const certificate = serverCertificate(await begin("script").line);
  expect(certificate.subjectAltName).toBe("DNS:localhost");
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.ca).toBe(true);
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  const since = Date.now() - new Date(certificate.validFrom).getTime();
  expect(since).toBeGreaterThan(50_000);
  expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(Date.now() + 300 * 24 * 3_600_000);
});
