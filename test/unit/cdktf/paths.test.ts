import { join } from "node:path";
import { fromStackFolder } from "../../../provider/cdktf/paths";

const isToken = (text: string) => text.includes("${");
const moved = (attributes: Record<string, unknown>) => fromStackFolder(attributes, "cdktf.out/stacks/dev", isToken);

test("paths of the program are written relative to the folder in which Terraform runs", () => {
  expect(moved({ name: "agent", dockerfile: "app/Dockerfile", context_dir: "." })).toEqual({ name: "agent", dockerfile: "../../../app/Dockerfile", context_dir: "../../.." });
  expect(moved({ dockerfile: { value: "Dockerfile", type: "simple" } })).toEqual({ dockerfile: { value: "../../../Dockerfile", type: "simple" } });
});

test("absolute paths, tokens and assets stay; so does what is not written", () => {
  const stay = { dockerfile: join(__dirname, "Dockerfile"), context_dir: "${TfToken[0]}" };
  expect(moved(stay)).toEqual(stay);
  expect(moved({ dockerfile: "assets/app/0123/Dockerfile", context_dir: undefined })).toEqual({ dockerfile: "assets/app/0123/Dockerfile", context_dir: undefined });
});

test("the archive of a local image is a path, the name of an image in the engine is none", () => {
  expect(moved({ local_image: "oci-archive:build/image.tar:1.0" })).toEqual({ local_image: "oci-archive:../../../build/image.tar:1.0" });
  expect(moved({ local_image: { value: "oci:layout" } })).toEqual({ local_image: { value: "oci:../../../layout" } });
  for (const local_image of ["agent:dev", "docker-archive:/abs/a.tar", "oci:${TfToken[0]}"]) expect(moved({ local_image })).toEqual({ local_image });
});
