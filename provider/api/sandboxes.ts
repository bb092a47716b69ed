import type { SnapshotApi } from "./client";
import { AmbiguousAnswerError, NotFoundError } from "./errors";
import type { Call, Requester } from "./http/requester";
import { segmentOf } from "./http/segment";
import { asSandbox } from "./shapes";
import type { SandboxDto } from "./types";

/**
 * The endpoints below `/sandbox` that a snapshot taken from a sandbox needs.
 * @param write sends what makes listings of snapshots out of date
 */
export function createSandboxApi(
  requester: Requester,
  write: (call: Call) => Promise<unknown>,
): Pick<SnapshotApi, "createFromSandbox" | "sandbox"> {
  const pathOf = (idOrName: string): string => `/sandbox/${segmentOf("sandbox", idOrName, "GET /sandbox")}`;
  return {
    async createFromSandbox(idOrName, body, { signal } = {}): Promise<SandboxDto> {
      const path = `${pathOf(idOrName)}/snapshot`;
      const request = `POST ${path}`;
      const answer = await write({ method: "POST", path, body, repeat: "create", signal });
      try {
        return asSandbox(answer, request);
      } catch (error) {
        // It was accepted, so the snapshot may come.
        throw new AmbiguousAnswerError(
          `the response to ${request} is unusable, so it may or may not have taken effect: ${(error as Error).message}`,
          { status: 200, request, cause: error },
        );
      }
    },

    async sandbox(idOrName, { signal } = {}): Promise<SandboxDto | null> {
      const path = pathOf(idOrName);
      try {
        return asSandbox(await requester.call({ method: "GET", path, repeat: "read", signal }), `GET ${path}`);
      } catch (error) {
        if (error instanceof NotFoundError) return null;
        throw error;
      }
    },
  };
}
