import { UnknownValue } from "../text/error";
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

export const own = (args: BuildArgs, name: string): string | undefined => (Object.hasOwn(args, name) ? args[name] : undefined);

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
  ) {}

  static of(image: string): StageVariables {
    return image === "scratch"
      ? new StageVariables(new Map([["PATH", DEFAULT_PATH]]), new Map(), new Set(), null)
      : new StageVariables(new Map(), new Map(), new Set(), image);
  }

  copy(): StageVariables {
    return new StageVariables(new Map(this.values), new Map(this.env), new Set(this.declared), this.image);
  }

  /** For a stage built on this one. BuildKit keeps the values of ARGs there, but what ENV set wins over them again. */
  inherited(): StageVariables {
    return new StageVariables(new Map([...this.values, ...this.env]), new Map(this.env), new Set(this.declared), this.image);
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

  /** The same for ENV. */
  setEnvIfKnown(name: () => string, value: () => string): void {
    const [known, result] = [name(), valueOrUnknown(value)];
    this.values.set(known, result);
    this.env.set(known, result);
  }

  readonly get: Variables = (name, fallback) => {
    const value = this.values.get(name);
    if (value instanceof UnknownValue) throw value;
    if (value !== undefined || this.image === null || !/^[\p{L}_]/u.test(name)) return value;
    if (this.declared.has(name)) {
      if (fallback) return undefined;
      throw new UnknownValue(`$${name} has no value: give it one in buildArgs or a default in the Dockerfile (ARG ${name}=value).`);
    }
    throw new UnknownValue(
      `$${name} is not set in this stage, and whether the image ${this.image} sets it cannot be known from the Dockerfile: set it with ARG or ENV before this line.`,
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
