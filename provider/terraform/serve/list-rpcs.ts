import type { ServerWritableStream } from "@grpc/grpc-js";
import type { TfList, TfListed, TfProvider, TfResource } from "../types";
import type {
  ListResource_Event,
  ListResource_Request,
  ValidateListResourceConfig_Request,
  ValidateListResourceConfig_Response,
} from "../wire/generated/tfplugin6";
import { schemaType } from "../wire/type";
import type { Calls } from "./calls";
import { encodeIdentity } from "./identity";
import type { Scope } from "./scope";

interface Found {
  list: TfList;
  resource: TfResource;
}

function find(scope: Scope, { lists = [], resources }: TfProvider, typeName: string): Found {
  const list = lists.find((one) => one.typeName === typeName);
  const resource = resources.find((one) => one.typeName === typeName);
  if (list === undefined || resource === undefined)
    return scope.refuse(
      "No such list resource",
      `This version of the Daytona provider has no list resource "${typeName}".`,
    );
  return { list, resource };
}

/** The calls that concern one list resource. */
export function listRpcs(calls: Calls) {
  return {
    validateListResourceConfig: calls.unary<ValidateListResourceConfig_Request, ValidateListResourceConfig_Response>(
      "ValidateListResourceConfig",
      async (request, scope, provider) => {
        const { list } = find(scope, provider, request.typeName);
        const type = schemaType(list.schema);
        scope.report(await list.validate(scope.decode(request.config, type) ?? {}, scope.call), type);
        return { diagnostics: [] };
      },
      () => ({ diagnostics: [] }),
    ),

    listResource: (call: ServerWritableStream<ListResource_Request, ListResource_Event>): void => {
      // Terraform closes the stream when it has enough. A call that writes then gets an error here.
      call.on("error", () => undefined);
      void calls.run("ListResource", call, async (scope) => {
        try {
          await writeAll(call, scope, await calls.provider());
        } catch (error) {
          scope.thrown(error);
        }
        if (scope.diagnostics.length > 0 && !call.cancelled)
          call.write({ identity: undefined, displayName: "", diagnostic: scope.diagnostics });
        call.end();
      });
    },
  };
}

/** Writes what is found, up to the limit. Nothing is read beyond it. */
async function writeAll(
  call: ServerWritableStream<ListResource_Request, ListResource_Event>,
  scope: Scope,
  provider: TfProvider,
): Promise<void> {
  const { typeName, config, includeResourceObject, limit } = call.request;
  const { list, resource } = find(scope, provider, typeName);
  const wanted = scope.decode(config, schemaType(list.schema)) ?? {};
  let left = limit;
  if (left <= 0) return;
  for await (const one of list.list(wanted, includeResourceObject, scope.call)) {
    if ("severity" in one) {
      scope.report([one], schemaType(list.schema));
      continue;
    }
    const more = call.write(eventOf(scope, resource, one));
    left -= 1;
    if (left === 0 || scope.failed) return;
    if (!more) await drained(call, scope.call.signal);
  }
}

function eventOf(scope: Scope, resource: TfResource, { identity, displayName, resource: whole }: TfListed) {
  if (whole !== undefined) scope.learn(whole, resource.schema);
  return {
    identity: encodeIdentity(scope, resource, identity),
    displayName: scope.clean(displayName),
    ...(whole === undefined ? {} : { resourceObject: scope.encode(whole, schemaType(resource.schema)) }),
    diagnostic: [],
  };
}

/** Until the receiver has taken what was written. @throws the signal's reason */
function drained(call: { once(event: "drain", listener: () => void): unknown }, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    call.once("drain", () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
  });
}
