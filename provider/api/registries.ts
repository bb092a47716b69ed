import type { RegistryApi } from "./client";
import { AmbiguousAnswerError, NotFoundError } from "./errors";
import type { Requester } from "./http/requester";
import { segmentOf } from "./http/segment";
import { asRegistries, asRegistry } from "./shapes";

const PATH = "/docker-registry";

/** The endpoints below `/docker-registry`, except the temporary access for pushes. */
export function createRegistryApi(requester: Requester): RegistryApi {
  const pathOf = (id: string): string => `${PATH}/${segmentOf("registry", id, `GET ${PATH}`, "ID")}`;
  return {
    async list({ signal } = {}) {
      return asRegistries(await requester.call({ method: "GET", path: PATH, repeat: "read", signal }), `GET ${PATH}`);
    },

    async get(id, { signal } = {}) {
      try {
        const path = pathOf(id);
        return asRegistry(await requester.call({ method: "GET", path, repeat: "read", signal }), `GET ${path}`);
      } catch (error) {
        if (error instanceof NotFoundError) return null;
        throw error;
      }
    },

    async create(body, { signal } = {}) {
      const request = `POST ${PATH}`;
      const answer = await requester.call({ method: "POST", path: PATH, body, repeat: "create", signal });
      try {
        return asRegistry(answer, request);
      } catch (error) {
        // It was accepted, so the registry may exist.
        throw new AmbiguousAnswerError(
          `the response to ${request} is unusable, so it may or may not have taken effect: ${(error as Error).message}`,
          { status: 200, request, cause: error },
        );
      }
    },

    async update(id, body, { signal } = {}) {
      const path = pathOf(id);
      return asRegistry(
        await requester.call({ method: "PATCH", path, body, repeat: "idempotent", signal }),
        `PATCH ${path}`,
      );
    },

    async delete(id, { signal } = {}) {
      await requester.call({
        method: "DELETE",
        path: pathOf(id),
        repeat: "idempotent",
        signal,
        // It is gone: the attempt whose answer was lost has deleted it.
        recover: (error) => (error instanceof NotFoundError ? Promise.resolve(null) : Promise.reject(error)),
      });
    },
  };
}
