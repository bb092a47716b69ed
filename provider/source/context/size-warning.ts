import { counted } from "../../kit/text/numbers";
import type { ContextFile } from "../hash/source-hash";

const LARGE_BYTES = 100 * 2 ** 20;

/** A warning for a context above 100 MiB: the upload takes time, and often something was not meant to be in it. */
export function sizeWarning(
  totalBytes: number,
  count: number,
  largest: readonly ContextFile[],
  ignore: { readonly name: string; readonly exists: boolean },
): string | undefined {
  if (totalBytes <= LARGE_BYTES) return undefined;
  return (
    `The build context is ${inUnits(totalBytes)} (${counted(count, "file")}). Largest files: ${largest.map(({ path, size }) => `"${path}" (${inUnits(size)})`).join(", ")}. ` +
    `Add files that the image does not need to ${ignore.exists ? `"${ignore.name}"` : `an ignore file, "${ignore.name}", at the root of the build context`}.`
  );
}

function inUnits(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${step === 0 ? bytes : (bytes / 2 ** (10 * step)).toFixed(1)} ${units[step]}`;
}
