import type { CommonFlags } from "../session";

export const FORMATS = ["table", "json", "markdown", "junit", "sarif", "html"] as const;
export type ReportFormat = (typeof FORMATS)[number];

/** Flags of `daytona-iac drift`. */
export interface DriftFlags extends Omit<CommonFlags, "format"> {
  terraform?: string[];
  cdktf?: string[];
  pulumi?: string[];
  stack?: string[];
  plan?: string[];
  state?: string[];
  synth?: boolean;
  binary?: string;
  unmanaged?: boolean;
  format?: ReportFormat;
  output?: string[];
  commentMarker?: string;
  ignore?: string[];
  config?: string;
  exitZero?: boolean;
  /** false: no registry is asked, neither by the plans. */
  resolveTags?: boolean;
}
