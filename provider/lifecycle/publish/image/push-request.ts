import type { ProxyEnvironment } from "../../../api/http/proxy";
import type { RegistryAccess } from "../../../api/types";
import type { LocalImage } from "../../../source/local-image/local-image";
import type { Pushes } from "../../pushes/pushes";
import type { Clock, LifecycleLog } from "../../contract";

export interface PushRequest {
  readonly image: LocalImage;
  readonly access: RegistryAccess;
  readonly clock: Clock;
  /** Ends the push. The tag that was made in the engine is removed first, for which it takes up to a second. */
  readonly signal: AbortSignal;
  readonly log: Pick<LifecycleLog, "debug" | "progress">;
  /** Beginning of every message: `creating snapshot "x"`. */
  readonly doing: string;
  /** What this process has pushed; default: nothing. */
  readonly pushes?: Pushes;
  /** Images whose blobs the registry may still have, such as the one that is replaced. */
  readonly earlier?: readonly string[];
  /** For the proxy variables only; default: the process's. */
  readonly env?: ProxyEnvironment | undefined;
}

/** Where an image goes, for messages. */
export interface PushTarget {
  /** Beginning of every message: `creating snapshot "x"`. */
  readonly doing: string;
  /** Host and port. */
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
  /** The local image as the program writes it. */
  readonly written: string;
}
