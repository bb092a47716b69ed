import { badRequest } from "./http-error";
import type { Query } from "./query";

/**
 * Rules of the server's request classes, with the messages in the server's order. Decorators of a property apply from the last to
 * the first; those that one decorator bundles (`page` and `limit` of a list) apply in the order in which they are written.
 */

export const GPU_TYPES = ["H100", "RTX-PRO-6000"];
export const SANDBOX_CLASSES = ["linux-vm", "container", "android", "windows"];
const REFERENCE = /^[a-zA-Z0-9_.\-:]+(\/[a-zA-Z0-9_.\-:]+)*(@sha256:[a-f0-9]{64})?$/;
const HTML = /<[a-zA-Z/][^>]*>?/;
const URLS = /(https?|ftps?|sftp|ssh|wss?|file|ldaps?):\/\/|(javascript|data|mailto|tel):|www\./i;
const CONTROL = /[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]/;

type Fields = Record<string, unknown>;
/** What the server takes for not given. */
export const isMissing = (value: unknown): value is null | undefined => value === undefined || value === null;

/** Body of `POST /snapshots`, normalized as the server's transformers do. @throws HttpError 400 */
export function checkCreate(body: unknown): Fields {
  const fields: Fields = { ...fieldsOf(body) };
  if (Array.isArray(fields.gpuType)) {
    if (fields.gpuType.length === 0) delete fields.gpuType;
  } else if (!isMissing(fields.gpuType)) fields.gpuType = [fields.gpuType];

  const errors: string[] = [];
  checkShownName(fields, errors);
  checkText(fields, "imageName", errors);
  checkEntrypoint(fields, errors);
  checkAmount(fields, "cpu", errors);
  checkAmount(fields, "gpu", errors, 1);
  checkGpuType(fields, errors);
  checkAmount(fields, "memory", errors);
  checkAmount(fields, "disk", errors);
  if (!isMissing(fields.buildInfo) && (typeof fields.buildInfo !== "object" || Array.isArray(fields.buildInfo)))
    errors.push("buildInfo must be an object");
  checkText(fields, "regionId", errors);
  if (!isMissing(fields.sandboxClass) && !SANDBOX_CLASSES.includes(fields.sandboxClass as string)) {
    errors.push(`sandboxClass must be one of the following values: ${SANDBOX_CLASSES.join(", ")}`);
  }
  if (errors.length > 0) throw badRequest(errors.join(", "));
  return fields;
}

export const unsafe = (field: string) => `${field} must not contain HTML tags, URLs, or control characters`;

/** The fields of a body; of what is no object, none. */
export const fieldsOf = (body: unknown): Fields =>
  typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Fields) : {};

/** Whether a name may be shown to others. */
export function safeText(value: unknown): boolean {
  return typeof value === "string" && !HTML.test(value) && !URLS.test(value) && !CONTROL.test(value);
}

/** The rules of a name that others may see, which has to be given. */
export function checkShownName({ name }: Fields, errors: string[]): void {
  if (!isMissing(name) && !safeText(name)) errors.push(unsafe("name"));
  if (typeof name !== "string") errors.push("name must be a string");
}

function checkEntrypoint({ entrypoint }: Fields, errors: string[]): void {
  if (isMissing(entrypoint)) return;
  if (!Array.isArray(entrypoint)) errors.push("entrypoint must be an array");
  if (!each(entrypoint, (item) => typeof item === "string")) errors.push("each value in entrypoint must be a string");
}

function checkGpuType({ gpuType }: Fields, errors: string[]): void {
  if (isMissing(gpuType)) return;
  if (!each(gpuType, (item) => GPU_TYPES.includes(item as string)))
    errors.push(`each value in gpuType must be one of the following values: ${GPU_TYPES.join(", ")}`);
  if ((gpuType as unknown[]).length > 1) errors.push("gpuType must contain no more than 1 elements");
}

/** A text, where it is given. */
export function checkText(fields: Fields, name: string, errors: string[]): void {
  if (!isMissing(fields[name]) && typeof fields[name] !== "string") errors.push(`${name} must be a string`);
}

function each(value: unknown, rule: (item: unknown) => boolean): boolean {
  return Array.isArray(value) ? value.every(rule) : rule(value);
}

function checkAmount(fields: Fields, name: string, errors: string[], max?: number): void {
  const value = fields[name];
  if (isMissing(value)) return;
  const number = typeof value === "number";
  if (max !== undefined && !(number && value <= max)) errors.push(`${name} must not be greater than ${max}`);
  if (!(number && value >= 0)) errors.push(`${name} must not be less than 0`);
  if (!Number.isFinite(value)) errors.push(`${name} must be a number conforming to the specified constraints`);
}

/** @throws HttpError 400 */
export function checkSnapshotName(name: string): void {
  if (!REFERENCE.test(name))
    throw badRequest("Invalid snapshot name format. May contain letters, digits, dots, colons, and dashes");
}

/** @throws HttpError 400 */
export function checkImageName(image: string): void {
  if (image.includes("@sha256:")) {
    const [name, digest] = image.split("@sha256:");
    if (!name || !digest || !/^[a-f0-9]{64}$/.test(digest))
      throw badRequest("Invalid digest format. Must be image@sha256:64_hex_characters");
    return;
  }
  if (!image.includes(":") || /:\s*$/.test(image))
    throw badRequest("Image name must include a tag (e.g., ubuntu:22.04) or digest (@sha256:...)");
  if (image.endsWith(":latest")) throw badRequest('Images with tag ":latest" are not allowed');
  if (!REFERENCE.test(image)) {
    throw badRequest(
      "Invalid image name format. Must be lowercase, may contain digits, dots, dashes, and single slashes between components",
    );
  }
}

export interface ListQuery {
  page: number;
  limit: number;
  name?: string;
  /** Only snapshots that were made from this sandbox. */
  sourceSandboxId?: string;
  sort: "name" | "state" | "lastUsedAt" | "createdAt";
  order: "asc" | "desc";
}

const SORTS = ["name", "state", "lastUsedAt", "createdAt"];
const ORDERS = ["asc", "desc"];

/** Query of `GET /snapshots`. @throws HttpError 400 */
export function checkList(query: Query): ListQuery {
  const errors: string[] = [];
  const page = count(query["page"], "page", errors);
  const limit = count(query["limit"], "limit", errors, 200);
  const { name, sourceSandboxId, sort = "lastUsedAt", order = "desc" } = query;
  if (name !== undefined && typeof name !== "string") errors.push("name must be a string");
  checkText({ sourceSandboxId }, "sourceSandboxId", errors);
  if (!SORTS.includes(sort as string)) errors.push(`sort must be one of the following values: ${SORTS.join(", ")}`);
  if (!ORDERS.includes(order as string)) errors.push(`order must be one of the following values: ${ORDERS.join(", ")}`);
  if (errors.length > 0) throw badRequest(errors.join(", "));
  return {
    page: page ?? 1,
    limit: limit ?? 100,
    ...(typeof name === "string" ? { name } : {}),
    ...(typeof sourceSandboxId === "string" && sourceSandboxId !== "" ? { sourceSandboxId } : {}),
    sort: sort as ListQuery["sort"],
    order: order as ListQuery["order"],
  };
}

/** `Number("")` is 0, as in the server's transformer, which makes lists of numbers of lists: those are no number. An object is one only if it can be. */
function count(value: unknown, name: string, errors: string[], max?: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Array.isArray(value) ? NaN : Number(value);
  if (!Number.isInteger(number)) errors.push(`${name} must be an integer number`);
  if (!(number >= 1)) errors.push(`${name} must not be less than 1`);
  if (max !== undefined && !(number <= max)) errors.push(`${name} must not be greater than ${max}`);
  return number;
}

/** What the server's UUID pipe takes. */
export const isUuid = (text: string) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);

/** What the database takes for a UUID, as it writes it: hyphens between groups of four are free, braces may be around. null: none */
export function databaseUuid(text: string): string | null {
  const inner = /^\{(.*)\}$/.exec(text)?.[1] ?? text;
  if (!/^[0-9a-f]{4}(-?[0-9a-f]{4}){7}$/i.test(inner)) return null;
  const hex = inner.replace(/-/g, "").toLowerCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
