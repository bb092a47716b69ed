import type { CommonFlags } from "../session";

export const FORMATS = ["table", "json", "markdown", "junit", "sarif", "html"] as const;
export type ReportFormat = (typeof FORMATS)[number];

/** Flags of `daytona-iac drift`. */
export interface DriftFlags extends Omit<CommonFlags, "format" | "o"> {
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
  /** `-o`: the same as `--format`. */
  o?: ReportFormat;
  output?: string[];
  commentMarker?: string;
  ignore?: string[];
  config?: string;
  exitZero?: boolean;
  /** false: no registry is asked, neither by the plans. */
  resolveTags?: boolean;
}

/** The format of the report on stdout. */
export const formatOf = ({ format, o }: Pick<DriftFlags, "format" | "o">): ReportFormat => format ?? o ?? "table";
