import { SyntaxProblem } from "../error";

type Kind = "text" | "switch" | "texts";

const FLAGS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  ADD: {
    chown: "text",
    chmod: "text",
    link: "switch",
    "keep-git-dir": "switch",
    checksum: "text",
    unpack: "switch",
    exclude: "texts",
  },
  COPY: { from: "text", chown: "text", chmod: "text", link: "switch", parents: "switch", exclude: "texts" },
  FROM: { platform: "text" },
  RUN: { mount: "texts", network: "text", security: "text", device: "texts" },
  HEALTHCHECK: { interval: "text", timeout: "text", "start-period": "text", "start-interval": "text", retries: "text" },
};

/** BuildKit drops the flags of these without a look. */
const UNCHECKED = new Set(["ARG", "STOPSIGNAL"]);

export interface Flags {
  /** Value of a flag that may be given once; "" if it is not. */
  text(name: string): string;
  /** Values of a flag that may be given several times. */
  texts(name: string): readonly string[];
  switch(name: string): boolean;
}

/** @throws SyntaxProblem for a flag that the instruction does not have, one given twice, and one without its value */
export function readFlags(keyword: string, given: readonly string[]): Flags {
  const values = new Map<string, string[]>();
  for (const flag of UNCHECKED.has(keyword) ? [] : given) {
    const sign = flag.indexOf("=");
    const name = sign === -1 ? flag.slice(2) : flag.slice(2, sign);
    const value = sign === -1 ? null : flag.slice(sign + 1);
    const known = FLAGS[keyword] ?? {};
    const kind = Object.hasOwn(known, name) ? known[name] : undefined;
    if (kind === undefined) throw new SyntaxProblem(`unknown flag: --${name}`);
    const before = values.get(name);
    if (before && kind !== "texts") throw new SyntaxProblem(`duplicate flag specified: --${name}`);
    refuseValue(name, kind, value);
    values.set(name, [...(before ?? []), value ?? "true"]);
  }
  return {
    text: (name) => values.get(name)?.[0] ?? "",
    texts: (name) => values.get(name) ?? [],
    switch: (name) => values.get(name)?.[0]?.toLowerCase() === "true",
  };
}

/** Only a switch may stand without a value. */
function refuseValue(name: string, kind: Kind, value: string | null): void {
  if (value === (kind === "switch" ? "" : null)) throw new SyntaxProblem(`missing a value on flag: --${name}`);
  if (kind === "switch" && value !== null && !/^(true|false)$/i.test(value))
    throw new SyntaxProblem(`expecting boolean value for flag --${name}, not: ${value}`);
}
