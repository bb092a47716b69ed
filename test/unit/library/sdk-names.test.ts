import * as sdk from "@daytona/sdk";
import {
  Daytona,
  DaytonaBadRequestError,
  DaytonaConflictError,
  DaytonaNotFoundError,
  InvalidArgumentError,
  SnapshotService,
  SnapshotState,
} from "../../../provider";
import * as library from "../../../provider/library";
import { startLocalApi } from "../../../provider/local";

test("a program written for the SDK finds its errors, by class and by field, and its region", async () => {
  const api = await startLocalApi({ pullSeconds: 0.05, cronSeconds: 0.02 });
  const snapshots = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl, target: "us" });
  try {
    const missing = snapshots.get("none");
    await expect(missing).rejects.toBeInstanceOf(DaytonaNotFoundError);
    await expect(missing).rejects.toMatchObject({ statusCode: 404 });
    expect(await snapshots.create({ name: "agent", image: "ubuntu:24.04" })).toMatchObject({ regionIds: ["us"] });
    const taken = snapshots.create({ name: "agent", image: "debian:12" });
    await expect(taken).rejects.toBeInstanceOf(DaytonaConflictError);
    await expect(taken).rejects.toMatchObject({ statusCode: 409, errorCode: "conflict" });
  } finally {
    snapshots.close();
    await api.close();
  }
}, 20_000);

test("an option that it does not have is refused, as are two regions", () => {
  expect(() => new SnapshotService({ apikey: "x" } as never)).toThrow("SnapshotService has no option apikey");
  expect(() => new SnapshotService({ apiKey: "x", target: "us", region: "eu" })).toThrow(InvalidArgumentError);
});

test("Daytona has the snapshot service, and names itself where an option is wrong", async () => {
  const api = await startLocalApi({ pullSeconds: 0.05, cronSeconds: 0.02 });
  try {
    const daytona = new Daytona({ apiKey: api.apiKey, apiUrl: api.apiUrl, target: "us" });
    expect(daytona.snapshot).toBeInstanceOf(SnapshotService);
    expect((await daytona.snapshot.list()).page).toBe(1);
    expect(() => new Daytona({ otelEnabled: true } as never)).toThrow(
      "Daytona has no option otelEnabled\nIts options are apiKey, jwtToken, organizationId, apiUrl, region, target.",
    );
    // The API would answer 400; nothing was sent.
    api.control.clearRequests();
    const wrong = daytona.snapshot.create({ name: "a b", image: "ubuntu:24.04" });
    await expect(wrong).rejects.toBeInstanceOf(DaytonaBadRequestError);
    await expect(wrong).rejects.toMatchObject({ statusCode: 400, status: null });
    expect(api.control.requests()).toEqual([]);
    const close = jest.spyOn(daytona.snapshot, "close");
    await daytona[Symbol.asyncDispose]();
    expect(close).toHaveBeenCalledTimes(1);
  } finally {
    await api.close();
  }
}, 20_000);

test("every name that is the SDK's is one that the SDK has, with its states and its hierarchy of errors", () => {
  const names = Object.keys(library).filter((name) => name.startsWith("Daytona"));
  expect(names.filter((name) => !(name in sdk))).toEqual([]);
  const { UNKNOWN_DEFAULT_OPEN_API: _, ...states } = sdk.SnapshotState;
  expect(SnapshotState).toEqual(states);
  const kinds = names.filter((name) => name !== "Daytona") as (keyof typeof library & keyof typeof sdk)[];
  type Kind = new (message: string) => Error;
  for (const name of kinds)
    for (const parent of kinds) {
      const theirs = new (sdk[name] as Kind)("x") instanceof (sdk[parent] as Kind);
      if (theirs)
        expect([name, parent, new (library[name] as Kind)("x") instanceof (library[parent] as Kind)]).toEqual([
          name,
          parent,
          true,
        ]);
    }
});
