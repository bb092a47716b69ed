import { NoticeError } from "../../../../provider/terraform/ports";
import { diagnostic, thrown } from "../../../../provider/terraform/resource/diagnostics";

test("a notice of the core stays word for word, with a capital letter", () => {
  const found = diagnostic("error", {
    summary: "creating: it failed",
    detail: "Reason: dockerfileContent is bad.\nLast lines of the build log:\n  RUN echo dockerfileContent",
    attribute: ["timeouts", "create"],
  });
  expect(found).toEqual({
    severity: "error",
    summary: "Creating: it failed",
    detail: "Reason: dockerfileContent is bad.\nLast lines of the build log:\n  RUN echo dockerfileContent",
    // Terraform could not find the line of a nested attribute.
    path: ["timeouts"],
  });
});

test("an error thrown on purpose is told, any other goes on", () => {
  expect(thrown(new NoticeError({ summary: "no", detail: "d" }))).toEqual({
    severity: "error",
    summary: "No",
    detail: "d",
  });
  expect(() => thrown(new TypeError("bug"))).toThrow("bug");
});
