import { version } from "../../version.gen";
import { DynamicProvider } from "./provider";

/** What the shim in every state forwards to. One for the process, hence one connection. */
export const impl = new DynamicProvider({ env: process.env, version, out: (text) => console.log(text), err: (text) => console.error(text) });
