import { UnknownValue } from "../error";
import type { Variables } from "./expand";

/** Of linux/amd64, the only platform that is built for. `TARGETSTAGE` comes on top. */
const PLATFORM = {
  BUILDPLATFORM: "linux/amd64",
  BUILDOS: "linux",
  BUILDOSVERSION: "",
  BUILDARCH: "amd64",
  BUILDVARIANT: "",
  TARGETPLATFORM: "linux/amd64",
  TARGETOS: "linux",
  TARGETOSVERSION: "",
  TARGETARCH: "amd64",
  TARGETVARIANT: "",
};

export type BuildArgs = Readonly<Record<string, string>>;

export const PLATFORM_NAMES: readonly string[] = [...Object.keys(PLATFORM), "TARGETSTAGE"];

/** What is set before the first ARG. */
export function platformVariables(buildArgs: BuildArgs, targetStage: string): Map<string, string> {
  const all = Object.entries({ ...PLATFORM, TARGETSTAGE: targetStage });
  return new Map(all.map(([name, value]) => [name, own(buildArgs, name) ?? value]));
}

export const own = (args: BuildArgs, name: string): string | undefined =>
  Object.hasOwn(args, name) ? args[name] : undefined;

/** PATH of an image that has none. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Variables while a stage is built. What its base image sets is not known. */
export class StageVariables {
  private constructor(
    private readonly values: Map<string, string | UnknownValue>,
    /** What ENV set: the image of the stage has it, so a stage built on this one starts with it. */
    private readonly env: Map<string, string | UnknownValue>,
    private readonly declared: Set<string>,
    /** Null when nothing but the Dockerfile can have set a variable. */
    private readonly image: string | null,
    private readonly globals: ReadonlySet<string>,
  ) {}

  /** @param globals names that the stage has only once it declares them */
  static of(image: string, globals: ReadonlySet<string>): StageVariables {
    return image === "scratch"
      ? new StageVariables(new Map([["PATH", DEFAULT_PATH]]), new Map(), new Set(), null, globals)
      : new StageVariables(new Map(), new Map(), new Set(), image, globals);
  }

  /** Characters in all names and values. */
  get size(): number {
    let size = 0;
    for (const variables of [this.values, this.env])
      for (const [name, value] of variables) size += name.length + (typeof value === "string" ? value.length : 0);
    return size;
  }

  /** For a stage built on this one. BuildKit keeps the values of ARGs there, but what ENV set wins over them again. */
  inherited(): StageVariables {
    return new StageVariables(
      new Map([...this.values, ...this.env]),
      new Map(this.env),
      new Set(this.declared),
      this.image,
      this.globals,
    );
  }

  set(name: string, value: string): void {
    this.values.set(name, value);
  }

  /** `ARG name` that nothing gives a value. An image could still set it, but whoever writes `${name:-default}` after it means the default. */
  declare(name: string): void {
    this.declared.add(name);
  }

  /** Sets what `value` gives, or remembers why it is not known: that matters only where it is used. */
  setIfKnown(name: () => string, value: () => string): void {
    this.values.set(name(), valueOrUnknown(value));
  }

  /** The same for ENV: all names and values of the instruction are worked out before any of them is set. */
  setEnvIfKnown(pairs: readonly (readonly [name: () => string, value: () => string])[]): void {
    for (const [name, value] of pairs.map(([one, its]) => [one(), valueOrUnknown(its)] as const)) {
      this.values.set(name, value);
      this.env.set(name, value);
    }
  }

  readonly get: Variables = (name, fallback) => {
    const value = this.values.get(name);
    if (value instanceof UnknownValue) throw value;
    if (value !== undefined || this.image === null || !/^[\p{L}_]/u.test(name)) return value;
    if (this.declared.has(name)) {
      if (fallback) return undefined;
      throw new UnknownValue(
        `$${name} has no value: give it one in buildArgs or a default in the Dockerfile (ARG ${name}=value).`,
      );
    }
    if (this.globals.has(name))
      throw new UnknownValue(
        PLATFORM_NAMES.includes(name)
          ? `$${name} has a value only in stages that declare it: add "ARG ${name}" to this stage, before this line.`
          : `$${name} is not set in this stage, because an ARG before the first FROM is set only in stages that repeat it: add "ARG ${name}" to this stage, before this line.`,
      );
    throw new UnknownValue(
      `$${name} is not set in this stage, and whether the image ${this.image} sets it cannot be determined from the Dockerfile: set it with ARG or ENV before this line.`,
    );
  };
}

function valueOrUnknown(value: () => string): string | UnknownValue {
  try {
    return value();
  } catch (error) {
    if (!(error instanceof UnknownValue)) throw error;
    return error;
  }
}
