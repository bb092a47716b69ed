/** Shared by the native and the dynamic provider: converts between Pulumi's properties and the core. */
export {
  type Applied,
  type Found,
  type PulumiCall,
  create,
  exists,
  get,
  importSnapshot,
  lookup,
  read,
  remove,
  update,
} from "./apply";
export { Calls } from "./calls";
export {
  type CheckAnswer,
  type CheckRequest,
  type Failure,
  type Naming,
  check,
  dynamicName,
  nameFailure,
  nativeName,
} from "./check";
export { type Difference, type PropertyChange, diff } from "./diff";
export { InPlaceType, inPlaceTypes } from "./in-place-types";
export { type Invoked, invoke } from "./functions";
export { Keepers } from "./keepers";
export { UNKNOWN_TEXT, fromPlain, isUnknownText, toPlain } from "./plain";
export { EXTERNAL, MARKS, inputsFrom, marksFrom, outputsFrom, recordFrom, writtenFrom } from "./properties";
export { type ReadKind, readKind } from "./read-kind";
export { Refused } from "./refused";
export { learn, redactorOf, secretOutputs } from "./secrets";
export { Redactor } from "../../tool/redactor";
export { Session, checkConfig, configNames, secretConfigNames } from "./session";
export { Siblings } from "./siblings";
export { type Bag, type Value, isInternal, pathText, same } from "./values";
export { textOf, toolWords } from "./words";
export { UNKNOWN, hasUnknown, isUnknown } from "../../kit/unknown";
