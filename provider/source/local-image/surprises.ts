/** Layers that Docker can stack (`maxLayerDepth` of its layer store). */
const MOST_LAYERS = 125;

/**
 * What works, but may surprise.
 * @param variant generation of the processor that the image needs; null: the baseline
 * @param variants those that the archive has for linux/amd64, the lowest first
 */
export function surprises(
  label: string,
  { variant, variants, layers }: { variant: string | null; variants: readonly string[]; layers: number },
): string[] {
  const found: string[] = [];
  if (variant !== null && variant !== "v1")
    found.push(
      `${label} is for linux/amd64/${variant}${variants.length > 1 ? `, the lowest of its variants (${variants.join(", ")})` : ""}. Its programs may fail on a runner with an older processor. Build it for linux/amd64, without a variant, so that every runner can run it.`,
    );
  if (layers > MOST_LAYERS)
    found.push(
      `${label} has ${layers} layers. Docker cannot run an image with more than ${MOST_LAYERS} of them ("max depth exceeded"), so the snapshot may fail. Combine instructions of its Dockerfile, or squash it.`,
    );
  return found;
}
