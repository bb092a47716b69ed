import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** The gRPC error of a failed call. The engine shows the message unchanged. */
export function failure(message: string): Partial<ServiceError> {
  return { code: status.UNKNOWN, details: message, metadata: new Metadata() };
}

/** The call failed but the resource exists: the engine keeps it, and the next `up` calls Update. `inputs`: for a Read. */
export function initFailed(id: string, properties: Struct, reason: string, inputs?: Struct): Partial<ServiceError> {
  const kept = new ErrorResourceInitFailed();
  kept.setId(id);
  kept.setProperties(properties);
  kept.setReasonsList([reason]);
  if (inputs !== undefined) kept.setInputs(inputs);
  const detail = new Any();
  detail.pack(kept.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const wrapped = new Status();
  wrapped.setCode(status.UNKNOWN);
  wrapped.setMessage(reason);
  wrapped.addDetails(detail);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(wrapped.serializeBinary()));
  return { code: status.UNKNOWN, details: reason, metadata };
}
