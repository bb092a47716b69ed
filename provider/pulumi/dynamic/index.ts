import { watchEngine } from "../../process/engine";
import { version } from "../../version.gen";
import { displayOf, engineAddress } from "./display";
import { DynamicInPlace } from "./in-place";
import { DynamicProvider } from "./provider";
import { inPlaceTypes } from "../shared";

/** How long calls in progress may take to end after the engine has, in ms. */
const GRACE = 3000;

const engine = engineAddress(process.argv);

/** The provider of snapshots: one for the process, and therefore one connection. Shims of earlier states read it. */
export const impl = new DynamicProvider({
  env: process.env,
  version,
  engine,
  display: displayOf(process.argv, (text) => console.error(text)),
});

const others = new Map(inPlaceTypes.map((type) => [type.name, new DynamicInPlace(type, impl)]));

/**
 * The provider that a shim forwards to.
 * @param type name of the class, such as `Snapshot`
 * @throws Error for one that this release does not have
 */
export function resource(type: string): DynamicProvider | DynamicInPlace {
  if (type === "Snapshot") return impl;
  const other = others.get(type);
  if (other === undefined)
    throw new Error(
      `This release of daytona-iac (${version}) has no resource "${type}". Update the daytona-iac package of the program.`,
    );
  return other;
}

// A killed engine ends no process, and what this one did after that would be in no state: a swap would end as somebody else's snapshot.
if (engine !== null) {
  watchEngine(engine, () => {
    const exit = (): void => process.exit(0);
    setTimeout(exit, GRACE);
    impl.calls.abort();
    void impl.calls.settled().then(exit);
  });
}
