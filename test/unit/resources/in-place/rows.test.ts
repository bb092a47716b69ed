import { bodyOf, means, observe, planInPlace } from "../../../../provider/resources";
import type { InPlaceTable } from "../../../../provider/resources/in-place/rows";
import { UNKNOWN } from "../../../../provider/kit/unknown";

interface Dto {
  id: string;
  name: string;
  note: string | null;
  label?: string;
  seen?: string;
}
interface Body {
  name: string;
  note: string;
  label: string;
  token: string;
}

/** What a row can say, each once. */
const table = {
  doc: "",
  inputs: [
    {
      name: "name",
      type: "string",
      set: "required",
      doc: "",
      sent: "name",
      read: "name",
      stored: (value) => value.toLowerCase(),
    },
    // Nothing is sent for nothing.
    { name: "note", type: "string", set: "optional", doc: "", sent: "note", read: "note" },
    { name: "label", type: "string", set: "optional", doc: "", sent: "label", read: "label", none: "-" },
    { name: "token", type: "string", set: "optional", doc: "", sent: "token", sensitive: true },
    { name: "tokenWo", type: "string", set: "optional", doc: "", sent: "token", sensitive: true, writeOnly: true },
    { name: "tokenWoVersion", type: "integer", set: "optional", doc: "", versionOf: "tokenWo" },
  ],
  outputs: [
    { name: "id", type: "string", set: "computed", doc: "", read: "id" },
    { name: "seen", type: "string", set: "computed", doc: "", read: "seen" },
  ],
} as const satisfies InPlaceTable<Dto, Body>;
const written = { name: "A", note: null, label: null, token: null, tokenWo: "planted", tokenWoVersion: 1 };
const state = { ...written, tokenWo: null, id: "1", seen: "today" };

describe("a plan", () => {
  test("of a create knows what is written, and nothing that the API says", () => {
    expect(planInPlace(table, null, { name: "A", tokenWo: "planted" })).toEqual({
      action: "create",
      changed: [],
      planned: {
        name: "A",
        note: null,
        label: null,
        token: null,
        tokenWo: null,
        tokenWoVersion: null,
        id: UNKNOWN,
        seen: UNKNOWN,
      },
    });
  });

  test("never has a write-only value, which is no change by itself", () => {
    expect(planInPlace(table, state, { ...written, tokenWo: "planted-2" })).toEqual({
      action: "none",
      changed: [],
      planned: state,
    });
    expect(planInPlace(table, state, { ...written, tokenWo: UNKNOWN })).toEqual({
      action: "none",
      changed: [],
      planned: state,
    });
  });

  test("keeps what only is written in another way, and counts what is not known as a change", () => {
    expect(planInPlace(table, state, { ...written, name: "a", label: "-" })).toEqual({
      action: "none",
      changed: [],
      planned: state,
    });
    expect(planInPlace(table, { ...state, label: "-" }, written)).toEqual({
      action: "none",
      changed: [],
      planned: { ...state, label: "-" },
    });
    expect(planInPlace(table, state, { ...written, name: "b", note: UNKNOWN, tokenWoVersion: 2 })).toEqual({
      action: "update",
      changed: ["name", "note", "tokenWoVersion"],
      planned: { ...state, name: "b", note: UNKNOWN, tokenWoVersion: 2 },
    });
  });
});

test("two values that are not known may be two different ones", () => {
  const [name, note] = table.inputs;
  expect([
    means(name, UNKNOWN, UNKNOWN),
    means(note, UNKNOWN, null),
    means(note, undefined, null),
    means(name, "A", "a"),
  ]).toEqual([false, false, true, true]);
});

describe("a body", () => {
  test("of a create has everything but what is null, and what stands for nothing where the row says so", () => {
    expect(bodyOf(table, { ...state, note: "x", label: "y" }, { tokenWo: "planted" }, null)).toEqual({
      name: "A",
      note: "x",
      label: "y",
      token: "planted",
    });
    expect(bodyOf(table, state, { tokenWo: null }, null)).toEqual({ name: "A", label: "-" });
  });

  test("of an update has every value that the API returns, and a secret only if it is another one", () => {
    const secrets = { tokenWo: "planted" };
    expect(bodyOf(table, state, secrets, ["name", "note", "label"])).toEqual({ name: "A", label: "-" });
    expect(bodyOf(table, state, secrets, ["tokenWoVersion"])).toEqual({ name: "A", label: "-", token: "planted" });
    expect(bodyOf(table, { ...state, token: "seen" }, {}, ["token"])).toEqual({ name: "A", label: "-", token: "seen" });
    expect(bodyOf(table, { ...state, token: "seen" }, {}, ["name"])).toEqual({ name: "A", label: "-" });
  });

  test("has the write-only secret if it takes the place of the other one, whether or not it has a version", () => {
    expect(bodyOf(table, { ...state, tokenWoVersion: null }, { tokenWo: "planted" }, ["token"])).toEqual({
      name: "A",
      label: "-",
      token: "planted",
    });
  });
});

describe("an observation", () => {
  test("keeps the state's spelling of what means the same, and takes over everything else", () => {
    expect(observe(table, state, { id: "1", name: "a", note: "new", label: "-", seen: "now" })).toEqual({
      ...state,
      note: "new",
      seen: "now",
    });
    expect(observe(table, { ...state, note: "x", label: "y" }, { id: "1", name: "B", note: null, label: "-" })).toEqual(
      { ...state, name: "b", note: null, label: null },
    );
  });

  test("keeps what the answer does not say, and what nobody has said is null", () => {
    expect(observe(table, { ...state, label: "y" }, { id: "1", name: "A", note: null })).toEqual({
      ...state,
      label: "y",
    });
    const { planned } = planInPlace(table, null, written);
    expect(observe(table, planned, { id: "1", name: "A", note: null })).toEqual({ ...state, seen: null });
  });

  test("of an import has the API's spelling and no secret", () => {
    expect(observe(table, null, { id: "1", name: "A", note: "x", label: "-", token: "planted" })).toEqual({
      name: "a",
      note: "x",
      label: null,
      token: null,
      tokenWo: null,
      tokenWoVersion: null,
      id: "1",
      seen: null,
    });
  });
});
