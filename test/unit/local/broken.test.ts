import { call, closeAll, start } from "./harness";

afterEach(closeAll);

test("a control command whose name cannot be decoded is unknown, and the API goes on", async () => {
  const local = await start();
  const answer = await fetch(`${local.controlUrl}/%E0%A4%A`, {
    method: "POST",
    headers: { authorization: `Bearer ${local.apiKey}` },
  });
  expect([answer.status, ((await answer.json()) as { message: string }).message.split(";")[0]]).toEqual([
    404,
    "unknown command %E0%A4%A",
  ]);
  expect((await call(local, "GET", "/snapshots")).status).toBe(200);
});

test.each<[string, object]>([
  ["status", { status: 42 }],
  ["header", { headers: { "x-odd": "a\nb" } }],
  ["header's name", { headers: { "a b": "c" } }],
])("a fault with a %s that no answer can have is an error of this API, which goes on", async (_what, odd) => {
  const local = await start();
  local.control.fault({ kind: "list", action: "answer", ...odd });
  const { status, body } = await call(local, "GET", "/snapshots");
  expect([status, body.message]).toEqual([500, expect.stringMatching(/^The local API could not respond: /)]);
  expect((await call(local, "GET", "/snapshots")).status).toBe(200);
});

test.each(["handle", "constructor", "toString", "__proto__", ""])("%j is no control command", async (name) => {
  const local = await start();
  const answer = await fetch(`${local.controlUrl}/${name}`, {
    method: "POST",
    body: "[]",
    headers: { authorization: `Bearer ${local.apiKey}` },
  });
  expect([answer.status, ((await answer.json()) as { message: string }).message.split(";")[0]]).toEqual([
    404,
    `unknown command ${name}`,
  ]);
});
