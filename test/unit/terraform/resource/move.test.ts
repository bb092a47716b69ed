import { movedState } from "../../../../provider/terraform/resource/move";

test("a snapshot of a provider that calls them image_name and build_info", () => {
  const state = movedState("daytona_snapshot", {
    id: "u-1",
    name: "agent",
    image_name: "ubuntu:24.04",
    cpu: 2,
    memory: 4,
    region_id: "eu",
    size: "2.5",
    general: false,
    updated_at: "2026-01-01T00:00:00Z",
    build_info: null,
  });
  expect(state).toMatchObject({
    id: "u-1",
    name: "agent",
    image: "ubuntu:24.04",
    cpu: 2,
    memory: 4,
    region: "eu",
    size: null,
    active: true,
    replacement: "swap",
    adopt_existing: false,
  });
  expect(state).not.toHaveProperty("general");
});

test("a build brings its Dockerfile and no image", () => {
  const state = movedState("daytona_snapshot", {
    id: "u-1",
    name: "agent",
    image_name: "",
    build_info: { dockerfile_content: "FROM a:1" },
  });
  expect(state).toMatchObject({ dockerfile_content: "FROM a:1", image: null });
});

test("an image that was pushed from the local engine is known by its remote name", () => {
  const state = movedState("daytona_snapshot", {
    id: "u-1",
    name: "agent",
    image_name: "mine:1",
    remote_image_name: "registry/p/mine:1",
    keep_remotely: true,
  });
  expect(state).toMatchObject({ image: "registry/p/mine:1", image_name: "registry/p/mine:1" });
});

test.each([
  ["other_type", { id: "1" }],
  ["daytona_snapshot", {}],
  ["daytona_snapshot", { id: "", name: "" }],
])("no snapshot: %s %j", (type, raw) => {
  expect(movedState(type, raw)).toBeNull();
});
