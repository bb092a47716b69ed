/** What the beginning of a file has to say whether it is such a file, in bytes. */
export const HEAD_BYTES = 512;

// A zip whose first member is "tfplan".
const SAVED_PLAN = /^PK\x03\x04.{22}\x06\0..tfplan/s;
const BEGINNINGS = [
  // A state under another name, as a backend's path, -state-out or `state pull` gives it.
  /^\{\s*"version":\s*\d+,\s*"terraform_version":\s*"/,
  // A state or plan that OpenTofu encrypts.
  /^\{(?:"serial":\d+,"lineage":"[^"]*",)?"meta":\{"key_provider\./,
  // The data file of `daytona-iac local --data`, and the lock beside it.
  /^\{"version":1,"organizationId":"[^"]*","apiKey":"[^"]*","runnerId":"/,
  /^\{"pid":\d+,"started":(?:null|"\d*"),"since":"[^"]*","apiUrl":/,
];

/** Whether a file is a state, a saved plan or the local API's, by its first `HEAD_BYTES`: these have whatever name the user gives them. */
export function isToolsOwn(head: Buffer): boolean {
  if (head.length < 36 || (head[0] !== 0x50 && head[0] !== 0x7b)) return false;
  const text = head.toString("latin1", 0, HEAD_BYTES);
  return head[0] === 0x50 ? SAVED_PLAN.test(text) : BEGINNINGS.some((beginning) => beginning.test(text));
}
