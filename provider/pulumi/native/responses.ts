import * as pb from "@pulumi/pulumi/proto/provider_pb";
import type { Bag, Difference, Failure } from "../shared";
import { toStruct } from "./wire";

/** The answer to Check and CheckConfig. */
export function checkResponse(
  inputs: Bag,
  secrets: ReadonlySet<string>,
  failures: readonly Failure[],
): pb.CheckResponse {
  return new pb.CheckResponse().setInputs(toStruct(inputs, secrets)).setFailuresList(failures.map(failureMessage));
}

export function failureMessage({ property, reason }: Failure): pb.CheckFailure {
  return new pb.CheckFailure().setProperty(property).setReason(reason);
}

/** The answer to Diff. What is never replaced says nothing of that. */
export function diffResponse({
  changes,
  detailed,
  stables,
  diffs = Object.keys(detailed),
  replaces = [],
  deleteBeforeReplace = false,
}: Pick<Difference, "changes" | "detailed" | "stables"> &
  Partial<Pick<Difference, "diffs" | "replaces" | "deleteBeforeReplace">>): pb.DiffResponse {
  const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
  const K = pb.PropertyDiff.Kind;
  const kinds = {
    add: [K.ADD, K.ADD_REPLACE],
    update: [K.UPDATE, K.UPDATE_REPLACE],
    delete: [K.DELETE, K.DELETE_REPLACE],
  } as const;
  const answer = new pb.DiffResponse();
  answer.setChanges(changes ? DIFF_SOME : DIFF_NONE);
  answer.setReplacesList(replaces);
  answer.setDeletebeforereplace(deleteBeforeReplace);
  answer.setStablesList(stables);
  answer.setDiffsList(diffs);
  answer.setHasdetaileddiff(changes);
  for (const [path, { kind, replace }] of Object.entries(detailed)) {
    const one = new pb.PropertyDiff().setKind(kinds[kind][replace ? 1 : 0]).setInputdiff(false);
    answer.getDetaileddiffMap().set(path, one);
  }
  return answer;
}
