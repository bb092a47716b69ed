import fc from "fast-check";
import { failureLine, handshakeLine, refusal } from "../../../../provider/terraform/serve/handshake";
import { pem } from "../../../../provider/kit/certificate";
import { createLog, logLines, logThreshold } from "../../../../provider/terraform/serve/log";
import { watchParent } from "../../../../provider/process/parent";
import { Redactor, environmentSecrets } from "../../../../provider/tool/redactor";
import { cookie } from "./built";

describe("handshake", () => {
  test("is refused without Terraform's cookie, and with an older protocol only", () => {
    expect(refusal({})).toMatch(/^This is the Daytona provider for Terraform and OpenTofu\./);
    expect(refusal({ ...cookie, PLUGIN_PROTOCOL_VERSIONS: "4,5" })).toContain("supports only: 4,5.");
    expect(refusal({ ...cookie, PLUGIN_PROTOCOL_VERSIONS: "16" })).toContain("supports only: 16.");
  });

  test.each(["6", "5,6", "5, 6", ""])("is made where %p is offered", (versions) => {
    expect(refusal({ ...cookie, PLUGIN_PROTOCOL_VERSIONS: versions })).toBeUndefined();
  });

  test("line carries the certificate without padding", () => {
    expect(handshakeLine({ network: "unix", address: "/s/p" }, Buffer.from("ab"))).toBe("1|6|unix|/s/p|grpc|YWI\n");
    expect(handshakeLine({ network: "tcp", address: "127.0.0.1:1" }, undefined)).toBe("1|6|tcp|127.0.0.1:1|grpc\n");
  });
});

test("a provider that cannot start tells why in one line, where Terraform looks for the name of the protocol", () => {
  expect(failureLine("The Daytona provider cannot start: a|b\nc\n")).toBe(
    "1|6|unix|none|The Daytona provider cannot start: a b c\n",
  );
});

test.each([383, 384, 385])("a certificate of %p bytes has no blank line in its PEM text", (length) => {
  const der = Buffer.alloc(length, 7);
  const lines = pem(der).split("\n");
  expect(lines.slice(0, -1).every((line) => line.length > 0 && line.length <= 64)).toBe(true);
  expect(lines.at(-2)).toBe("-----END CERTIFICATE-----");
  expect(Buffer.from(lines.slice(1, -2).join(""), "base64")).toEqual(der);
});

describe("log", () => {
  const now = new Date("2026-01-02T03:04:05.678Z");

  test("lines are JSON as Terraform reads it", () => {
    expect(logLines("info", "pulling", { name: "a", seconds: 12, ok: true, list: [1], none: undefined }, now)).toEqual([
      '{"@level":"info","@message":"pulling","@module":"daytona","@timestamp":"2026-01-02T03:04:05.678000Z","name":"a","seconds":12,"ok":true,"list":"[1]"}',
    ]);
  });

  test("a long message is several lines under 64 KB, whole together", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 }),
        fc.integer({ min: 1000, max: 8000 }),
        (piece, times) => {
          const message = piece.repeat(times);
          const lines = logLines("info", message, { name: "a" }, now);
          expect(Math.max(...lines.map((l) => Buffer.byteLength(l)))).toBeLessThan(64 * 1024);
          expect(lines.map((l) => (JSON.parse(l) as { "@message": string })["@message"]).join("")).toBe(message);
        },
      ),
      { numRuns: 20 },
    );
  });

  test("a long field is cut", () => {
    const [line] = logLines("info", "m", { body: "x".repeat(100_000) }, now);
    expect(Buffer.byteLength(line!)).toBeLessThan(64 * 1024);
  });

  test.each([
    [{}, undefined],
    [{ TF_LOG: "off" }, undefined],
    [{ TF_LOG: "DEBUG" }, "debug"],
    [{ TF_LOG: "JSON" }, "trace"],
    [{ TF_LOG: "DEBUG", TF_LOG_PROVIDER: "warn" }, "warn"],
    [{ TF_LOG_PROVIDER_DAYTONA: "error", TF_LOG_PROVIDER: "warn" }, "error"],
  ])("%p sets the level to %p", (env, level) => {
    expect(logThreshold(env)).toBe(level);
  });

  test("writes from its level on, without secrets", () => {
    const written: string[] = [];
    const redactor = new Redactor(environmentSecrets({ DAYTONA_API_KEY: "dtn_0123456789" }));
    const log = createLog(
      "warn",
      (t) => redactor.text(t),
      (l) => written.push(l),
    );
    log("info", "too low");
    log("error", "key dtn_0123456789 refused");
    expect(written).toHaveLength(1);
    expect(JSON.parse(written[0]!)).toMatchObject({ "@level": "error", "@message": "key [secret] refused" });
  });
});

test("a living parent is not taken for dead, a dead one is noticed", async () => {
  let gone = 0;
  const stop = watchParent(() => gone++, process.ppid, 20);
  await new Promise((resolve) => setTimeout(resolve, 200));
  stop();
  expect(gone).toBe(0);
  await new Promise<void>(
    (resolve) =>
      watchParent(
        () => {
          gone++;
          resolve();
        },
        2 ** 22 + 1,
        20,
      ).toString() && setTimeout(resolve, 20_000).unref(),
  );
  expect(gone).toBe(1);
});
