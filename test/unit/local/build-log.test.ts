import type { LocalApi } from "../../../provider/local";
import { call, closeAll, start, until } from "./harness";

afterEach(closeAll);

const DOCKERFILE = "FROM a:1\nRUN make\n";
const ATTEMPT = (end: string) =>
  `#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n#2 [1/2] FROM a:1\n#2 DONE 0.1s\n#3 [2/2] RUN make\n#3 DONE 0.1s\n${end}`;
const EXPORTED = "#9 exporting to image\n#9 DONE 0.2s\n";

async function build(local: LocalApi, name: string, state: string): Promise<string> {
  const { body } = await call(local, "POST", "/snapshots", { name, buildInfo: { dockerfileContent: DOCKERFILE } });
  await until(local, body.id as string, state);
  return body.id as string;
}
const logUrl = (local: LocalApi, id: string) => `${new URL(local.apiUrl).origin}/snapshots/${id}/build-logs`;
const open = (local: LocalApi, url: string) => fetch(url, { headers: { authorization: `Bearer ${local.apiKey}` } });

test.each(["v0", "v2"] as const)("%s: the log of a second build begins with that of the first", async (generation) => {
  const local = await start({ generation });
  local.control.source({ dockerfile: "make", outcome: "fail", reason: "first", output: "no line end", times: 1 });
  const first = await build(local, "first", "error");
  expect(await (await open(local, logUrl(local, first))).text()).toBe(ATTEMPT("no line endERROR: first\n"));
  const second = await build(local, "second", "active");
  const whole = ATTEMPT("no line endERROR: first\n") + ATTEMPT(EXPORTED);
  expect(await (await open(local, `${logUrl(local, second)}?follow=true`)).text()).toBe(whole);
  // One file for one text: the failed snapshot has it as well.
  expect(await (await open(local, logUrl(local, first))).text()).toBe(whole);
});

test("of a failed build, the log does not end for those who follow it, until a later build succeeds", async () => {
  const local = await start();
  local.control.source({ dockerfile: "make", outcome: "fail", reason: "first", times: 1 });
  const first = await build(local, "first", "error");
  const followed = await open(local, `${logUrl(local, first)}?follow=true`);
  let ended = false;
  const text = followed.text().finally(() => (ended = true));
  // Another request that comes later is answered meanwhile.
  for (let i = 0; i < 20; i += 1) await (await open(local, logUrl(local, first))).text();
  expect(ended).toBe(false);
  await build(local, "second", "active");
  expect(await text).toBe(ATTEMPT("ERROR: first\n") + ATTEMPT(EXPORTED));
});

test("a registry's refusals, in the words of both kinds of runner", async () => {
  const reasonOf = async (local: LocalApi, source: object): Promise<string> => {
    const { body } = await call(local, "POST", "/snapshots", { name: `s${Math.random()}`, ...source });
    return (await until(local, body.id as string, "error")).errorReason as string;
  };
  for (const generation of ["v0", "v2"] as const) {
    const local = await start({ generation });
    const prefix = generation === "v0" ? "unprocessable entity: " : "";
    const solve = `${prefix}failed to solve with frontend dockerfile.v0: failed to create LLB definition: `;
    local.control.source({ image: "team/app:1", outcome: "unreachable" });
    expect(await reasonOf(local, { imageName: "team/app:1" })).toContain(
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: dial udp 10.255.255.53:53: connect: network is unreachable',
    );
    local.control.source({ dockerfile: "ghcr.io", outcome: "unauthorized" });
    expect(await reasonOf(local, { buildInfo: { dockerfileContent: "FROM ghcr.io/team/app:1\n" } })).toBe(
      `${solve}failed to authorize: rpc error: code = Unknown desc = failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/service/token?scope=repository%3Ateam%2Fapp%3Apull&service=harbor-registry: 401 Unauthorized`,
    );
    local.control.source({ dockerfile: "quay.io", outcome: "unreachable" });
    expect(await reasonOf(local, { buildInfo: { dockerfileContent: "FROM quay.io/team/app:1\n" } })).toBe(
      `${solve}failed to do request: Head "https://quay.io/v2/team/app/manifests/1": dial tcp: lookup quay.io on 10.255.255.53:53: dial udp 10.255.255.53:53: connect: network is unreachable`,
    );
    local.control.source({ dockerfile: "FROM scratch", outcome: "not-found" });
    expect(await reasonOf(local, { buildInfo: { dockerfileContent: "FROM scratch\nRUN x\n" } })).toBe(
      `${prefix}failed to solve: process "/bin/sh -c x" did not complete successfully: exit code: 1`,
    );
  }
});
