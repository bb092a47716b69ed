import type { TfObject } from "../types";

/**
 * The attributes of a snapshot that another provider wrote, such as 536tech/daytona 0.10, after `terraform state replace-provider`. Terraform
 * removes attributes that our schema lacks, so the source of a build is left to the refresh. Our own states have `replacement`, and are
 * returned as they are.
 */
export function fromOtherProvider(raw: TfObject): TfObject {
  if ("replacement" in raw) return raw;
  const { image_name: image = null, region_ids: regions, state } = raw;
  return {
    ...raw,
    image: raw["image"] ?? image,
    region: raw["region"] ?? (Array.isArray(regions) ? (regions[0] ?? null) : null),
    active: raw["active"] ?? state !== "inactive",
    replacement: "swap",
    adopt_existing: false,
  };
}
