import { NoticeError } from "../../../../provider/terraform/ports";
import { diagnostic, thrown } from "../../../../provider/terraform/resource/diagnostics";

test("a notice of the core speaks Terraform's names, but not inside a build log", () => {
  const found = diagnostic("error", {
    summary: "creating: dockerfileContent is wrong",
    detail: "  dockerfileContent: differs\nSet adoptExisting, not readoptExisting.\nLast lines of the build log:\n  RUN echo dockerfileContent\nThen sourceHash.",
    attribute: ["timeouts", "create"],
  });
  expect(found).toEqual({
    severity: "error",
    summary: "Creating: dockerfile_content is wrong",
    detail: "  dockerfile_content: differs\nSet adopt_existing, not readoptExisting.\nLast lines of the build log:\n  RUN echo dockerfileContent\nThen source_hash.",
    // Terraform could not find the line of a nested attribute.
    path: ["timeouts"],
  });
});

test("an error thrown on purpose is told, any other goes on", () => {
  expect(thrown(new NoticeError({ summary: "no", detail: "d" }))).toEqual({ severity: "error", summary: "No", detail: "d" });
  expect(() => thrown(new TypeError("bug"))).toThrow("bug");
});
