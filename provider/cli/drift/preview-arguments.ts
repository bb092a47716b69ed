import { usage } from "../session";

/** Flags of `pulumi preview` that make a preview blind, that break the run, or that write. */
const REFUSED: readonly (readonly [flag: RegExp, why: string])[] = [
  [/^(--refresh|-r)=(?!true$|t$|1$)/i, "Without a refresh, drift is not visible."],
  [/^--destroy(=true)?$/, "A preview with --destroy does not compare the program."],
  [/^--run-program=false$/, "The program has to run to be compared."],
  [/^--(json|event-log)\b/, "The check reads the preview itself."],
  [/^-j$/, "The check reads the preview itself."],
  [/^(--stack\b|-s)/, "Pass --stack to drift instead, before the dashes."],
  [/^(--cwd\b|-C)/, "Pass the project's folder with --pulumi instead, before the dashes."],
  [/^--(save-plan|import-file)\b/, "It writes a file, but a check must not change anything."],
  [
    /^(--config(=|$)|-c)/,
    "It is saved in the stack's configuration, but a check must not change anything. Use --config-file.",
  ],
  [/^--(help|version)$|^-[hv]$/, "It prints help instead of a preview."],
  [/^--(remote|attach-debugger)\b/, "The check needs a preview that runs on this machine until it is complete."],
];

/** Refuses arguments after `--` that no check can have. @throws Stop */
export function assertPreviewArguments(rest: readonly string[]): void {
  for (const arg of rest) {
    const [, why] = REFUSED.find(([flag]) => flag.test(arg)) ?? [];
    if (why !== undefined)
      throw usage(`drift cannot preview with ${arg.split("=")[0]}`, `${why} Remove it after "--".`);
  }
}

/** Whether a preview covers a part of the stack. */
export function isPartial(rest: readonly string[]): boolean {
  return rest.some((arg) => /^(--target(-dependents|-replace)?|--exclude(-dependents)?|-t)(=|$)|^-t./.test(arg));
}
