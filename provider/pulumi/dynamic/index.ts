import { version } from "../../version.gen";
import { displayOf } from "./display";
import { DynamicProvider } from "./provider";

/** The provider that the shim in every state forwards to. One for the process, and therefore one connection. */
export const impl = new DynamicProvider({ env: process.env, version, display: displayOf(process.argv, (text) => console.error(text)) });
