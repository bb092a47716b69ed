import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import type { TfFunction, TfFunctionError, TfType, TfValue } from "../types";
import {
  type CallFunction_Request,
  type CallFunction_Response,
  Diagnostic_Severity,
  type DynamicValue,
  type FunctionError,
} from "../wire/generated/tfplugin6";
import { decodeValue, type Problem } from "../wire/values";
import type { Calls } from "./calls";
import type { Scope } from "./scope";

/** The calls that concern one function. */
export function functionRpcs(calls: Calls) {
  return {
    callFunction: (
      call: ServerUnaryCall<CallFunction_Request, CallFunction_Response>,
      answer: sendUnaryData<CallFunction_Response>,
    ): void => {
      void calls.run("CallFunction", call, async (scope) => {
        let response: CallFunction_Response;
        try {
          const { functions = [] } = await calls.provider();
          response = await callOne(functions, call.request, scope);
        } catch (error) {
          scope.thrown(error);
          response = failed(textOf(scope));
        }
        answer(null, response);
      });
    },
  };
}

async function callOne(
  functions: readonly TfFunction[],
  { name, arguments: sent }: CallFunction_Request,
  scope: Scope,
): Promise<CallFunction_Response> {
  const wanted = functions.find((one) => one.name === name);
  if (wanted === undefined) return failed(`This version of the Daytona provider has no function "${name}".`);
  if (sent.length !== wanted.parameters.length)
    return failed(`The function takes ${wanted.parameters.length} arguments, but Terraform sent ${sent.length}.`);
  const args: TfValue[] = [];
  for (const [index, { type }] of wanted.parameters.entries()) {
    const decoded = argument(sent[index], type);
    if (typeof decoded === "string") return failed(decoded, index);
    args.push(decoded.value);
  }
  const answered = await wanted.call(args, scope.call);
  if ("error" in answered) return { result: undefined, error: toError(answered.error, scope) };
  const result = scope.encode(answered.result, wanted.returns);
  return scope.failed ? failed(textOf(scope)) : { result, error: undefined };
}

/** The value, or what is wrong with it. */
function argument(wire: DynamicValue | undefined, type: TfType): { value: TfValue } | string {
  const problems: Problem[] = [];
  const value = decodeValue(wire, type, problems);
  const [first] = problems;
  return first === undefined ? { value } : `The argument does not match the provider's schema: ${first.message}.`;
}

const toError = ({ text, argument }: TfFunctionError, scope: Scope): FunctionError => ({
  text: scope.clean(text),
  functionArgument: argument,
});

const failed = (text: string, functionArgument?: number): CallFunction_Response => ({
  result: undefined,
  error: { text, functionArgument },
});

/** What was reported, as one text: the answer of a function has no diagnostics. */
function textOf(scope: Scope): string {
  return scope.diagnostics
    .filter(({ severity }) => severity === Diagnostic_Severity.ERROR)
    .map(({ summary, detail }) => `${summary}: ${detail}`)
    .join("\n");
}
