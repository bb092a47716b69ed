import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PATIENCE, ok } from "../setup";
import { sdkFolder } from "./package";
import { describeDynamic, setup } from "./setup";

jest.setTimeout(PATIENCE);
const { stack } = setup();

describeDynamic("programs in Node.js", () => {
  test("run on this Node.js, with the SDK that DAYTONA_IAC_PULUMI_SDK names", async () => {
    const s = await stack();
    s.write(
      "index.js",
      `exports.versions = [process.version, require("@pulumi/pulumi/package.json").version, require("daytona-iac/pulumi").Snapshot.name];`,
    );
    ok(await s.up());
    const { version } = JSON.parse(
      readFileSync(join(sdkFolder, "node_modules/@pulumi/pulumi/package.json"), "utf8"),
    ) as { version: string };
    expect(JSON.parse(ok(await s.run(["stack", "output", "--json"])).stdout)).toEqual({
      versions: [process.version, version, "Snapshot"],
    });
  });
});
