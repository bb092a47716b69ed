import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Written } from "../../../../provider/resources/snapshot";
import { validateWritten } from "../../../../provider/resources/snapshot";
import { written } from "./model";

interface Exchange {
  name: string;
  request: { method: string; path: string; body?: unknown };
  response: { status: number; body?: { message?: string } };
}

const folder = join(__dirname, "../../../contract/recordings");
const exchanges = ["create.jsonl", "runner-v2-create.jsonl"]
  .flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Exchange),
  )
  .filter(
    ({ request }) =>
      request.method === "POST" &&
      request.path === "/api/snapshots" &&
      typeof request.body === "object" &&
      request.body !== null &&
      !Array.isArray(request.body),
  );

/** A request as the program that would have asked for it; null where no typed program could. */
function programOf(body: Record<string, unknown>): Written | null {
  const build = body["buildInfo"] as { dockerfileContent?: unknown } | null | undefined;
  const texts = [
    body["name"] ?? "",
    body["imageName"] ?? "",
    build?.dockerfileContent ?? "",
    body["regionId"] ?? "",
    body["sandboxClass"] ?? "",
  ];
  const numbers = [body["cpu"] ?? 1, body["memory"] ?? 1, body["disk"] ?? 1, body["gpu"] ?? 0];
  if (
    texts.some((value) => typeof value !== "string") ||
    numbers.some((value) => typeof value !== "number") ||
    typeof (body["entrypoint"] ?? []) !== "object" ||
    build instanceof Array ||
    typeof (build ?? {}) !== "object"
  )
    return null;
  return written({
    name: body["name"],
    image: body["imageName"],
    dockerfileContent: build?.dockerfileContent,
    entrypoint: body["entrypoint"],
    cpu: body["cpu"],
    memory: body["memory"],
    disk: body["disk"],
    gpu: body["gpu"],
    gpuTypes: body["gpuType"],
    sandboxClass: body["sandboxClass"],
    region: body["regionId"],
  } as Partial<Written>);
}

/** Refusals that only a server can know. */
const SERVER_ONLY =
  /quota|exceeds maximum|per-sandbox|No runners|Region not found|suspended|already exists|must be one of the following values|default region|GPU type|gpuType|not have access|not available|permission|^An unexpected error/i;
/** What the API takes and we do not, each for a reason that resource-model.md gives. */
const STRICTER =
  /is empty|is blank|has no FROM line|must be a whole number of \w+, at least 1|ends in a digest|Exactly one of/;

describe("validation against the recorded API", () => {
  const cases = exchanges
    .map(({ name, request, response }) => ({
      name,
      config: programOf(request.body as Record<string, unknown>),
      response,
    }))
    .filter((one) => one.config !== null);

  it("has enough to compare", () => {
    expect(cases.filter(({ response }) => response.status === 200).length).toBeGreaterThan(8);
    expect(cases.filter(({ response }) => response.status === 400).length).toBeGreaterThan(8);
  });

  it.each(cases.map((one) => [one.name, one] as const))("agrees on %s", (_, { config, response }) => {
    const details = validateWritten(
      Object.fromEntries(Object.entries(config as Written).map(([key, value]) => [key, value ?? null])) as Written,
      "terraform",
    ).map(({ detail }) => detail);
    if (response.status === 200) expect(details.filter((detail) => !STRICTER.test(detail))).toEqual([]);
    else if (!SERVER_ONLY.test(response.body?.message ?? ""))
      expect([response.body?.message, details.length > 0]).toEqual([response.body?.message, true]);
    else expect(response.status).toBeGreaterThanOrEqual(400);
  });
});
