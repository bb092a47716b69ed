import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { identitySchemas, metadata, providerSchema } from "../../../../provider/terraform/serve/provider-rpcs";
import type { TfType, TfValue } from "../../../../provider/terraform/types";
import { toDiagnostic } from "../../../../provider/terraform/wire/diagnostic";
import {
  Diagnostic,
  GetMetadata_Response,
  GetProviderSchema_Response,
  GetResourceIdentitySchemas_Response,
} from "../../../../provider/terraform/wire/generated/tfplugin6";
import { schemaType } from "../../../../provider/terraform/wire/type";
import { encodeValue } from "../../../../provider/terraform/wire/values";
import { toyProvider } from "../serve/toy";

/** Golden bytes, in hexadecimal. To write them anew after a wanted change: UPDATE_GOLDEN=1 npx jest golden. */
function golden(name: string, bytes: Uint8Array): void {
  const path = join(__dirname, "../../../golden/wire", `${name}.hex`);
  const text = `${Buffer.from(bytes).toString("hex").replace(/.{96}/g, "$&\n").trimEnd()}\n`;
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  expect(text).toBe(readFileSync(path, "utf8"));
}

const provider = toyProvider("");
const thing = schemaType(provider.resources[0]!.schema);

const values: [string, TfType, TfValue][] = [
  ["null-object", thing, null],
  [
    "object-with-every-kind-of-value",
    thing,
    {
      id: UNKNOWN,
      name: "größe",
      size: 3,
      tags: { b: "2", a: "1" },
      zones: ["z", "a", "z"],
      command: ["x", ""],
      on: false,
      timeouts: { create: "45m" },
    },
  ],
  ["unset-attributes-are-null", thing, { name: "a" }],
  ["numbers", ["list", "number"], [0, -1, 127, 128, -129, 65536, 2 ** 40, -(2 ** 40), 0.5, "9007199254740993", 1e300]],
  [
    "set-of-objects",
    ["set", ["object", { a: "number", b: "string" }]],
    [
      { a: 2, b: "x" },
      { a: 1, b: "y" },
      { b: "x", a: 2 },
    ],
  ],
  ["dynamic", "dynamic", { a: [1, "x", true] }],
];

test.each(values)("value: %s", (name, type, value) => golden(`value-${name}`, encodeValue(value, type, [])));

test("schema answer", () => golden("schema", GetProviderSchema_Response.encode(providerSchema(provider)).finish()));
test("metadata answer", () => golden("metadata", GetMetadata_Response.encode(metadata(provider)).finish()));
test("identity answer", () =>
  golden("identity", GetResourceIdentitySchemas_Response.encode(identitySchemas(provider)).finish()));

test("diagnostic with a path through a list, a map and an object", () => {
  const type: TfType = ["object", { l: ["list", ["object", { m: ["map", "string"] }]] }];
  golden(
    "diagnostic",
    Diagnostic.encode(
      toDiagnostic({ severity: "warning", summary: "S", detail: "D", path: ["l", 2, "m", "k"] }, type),
    ).finish(),
  );
});

test("a path into a set ends at the set", () => {
  expect(
    toDiagnostic({ severity: "error", summary: "", detail: "", path: ["zones", 1] }, thing).attribute?.steps,
  ).toEqual([{ selector: { $case: "attributeName", value: "zones" } }]);
});
