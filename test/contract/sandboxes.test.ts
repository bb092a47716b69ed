import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startLocalApi } from "../../provider/local";

interface Recorded {
  request: { path: string; body: { snapshot: string } };
  response: { status: number; body: object };
  final: object;
}

const recordings = JSON.parse(
  readFileSync(join(__dirname, "recordings", "real-runner-sandbox.json"), "utf8"),
) as Record<"v0" | "v2", Recorded>;

/** IDs, times and addresses replaced by their kind. */
const plain = (value: object): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>"),
  );

test.each(["v0", "v2"] as const)(
  "a sandbox is answered as the real server answers it, runner API %s",
  async (generation) => {
    const { request, response, final } = recordings[generation];
    const local = await startLocalApi({ generation, pullSeconds: 0.03 });
    try {
      local.control.insert({ name: request.body.snapshot });
      const headers = { authorization: `Bearer ${local.apiKey}`, "content-type": "application/json" };
      const answer = await fetch(`${local.apiUrl}${request.path}`, {
        method: "POST",
        headers,
        body: JSON.stringify(request.body),
      });
      const made = (await answer.json()) as { id: string };
      expect(answer.status).toBe(response.status);
      expect(plain(made)).toEqual(plain(response.body));
      const seen = await fetch(`${local.apiUrl}/sandbox/${made.id}`, { headers });
      expect(plain((await seen.json()) as object)).toEqual(plain(final));
    } finally {
      await local.close();
    }
  },
);
