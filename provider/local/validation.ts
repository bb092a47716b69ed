import { badRequest } from "./httpError";

/** Rules of the server's request classes. Messages come in the server's order: per property, the last rule first. */

export const GPU_TYPES = ["H100", "RTX-PRO-6000"];
export const SANDBOX_CLASSES = ["linux-vm", "container", "android", "windows"];
const REFERENCE = /^[a-zA-Z0-9_.\-:]+(\/[a-zA-Z0-9_.\-:]+)*(@sha256:[a-f0-9]{64})?$/;
const HTML = /<[a-zA-Z/][^>]*>?/;
const URLS = /(https?|ftps?|sftp|ssh|wss?|file|ldaps?):\/\/|(javascript|data|mailto|tel):|www\./i;
const CONTROL = /[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]/;

type Fields = Record<string, unknown>;
const missing = (value: unknown) => value === undefined || value === null;

/** Body of `POST /snapshots`, normalized as the server's transformers do. @throws HttpError 400 */
export function checkCreate(body: unknown): Fields {
  const fields: Fields = typeof body === "object" && body !== null && !Array.isArray(body) ? { ...(body as Fields) } : {};
  if (Array.isArray(fields.gpuType)) {
    if (fields.gpuType.length === 0) delete fields.gpuType;
  } else if (!missing(fields.gpuType)) fields.gpuType = [fields.gpuType];

  const errors: string[] = [];
  if (!missing(fields.name) && !safeText(fields.name)) errors.push("name must not contain HTML tags, URLs, or control characters");
  if (typeof fields.name !== "string") errors.push("name must be a string");
  text(fields, "imageName", errors);
  if (!missing(fields.entrypoint)) {
    if (!Array.isArray(fields.entrypoint)) errors.push("entrypoint must be an array");
    if (!each(fields.entrypoint, (item) => typeof item === "string")) errors.push("each value in entrypoint must be a string");
  }
  amount(fields, "cpu", errors);
  amount(fields, "gpu", errors, 1);
  if (!missing(fields.gpuType)) {
    if (!each(fields.gpuType, (item) => GPU_TYPES.includes(item as string))) errors.push(`each value in gpuType must be one of the following values: ${GPU_TYPES.join(", ")}`);
    if ((fields.gpuType as unknown[]).length > 1) errors.push("gpuType must contain no more than 1 elements");
  }
  amount(fields, "memory", errors);
  amount(fields, "disk", errors);
  if (!missing(fields.buildInfo) && (typeof fields.buildInfo !== "object" || Array.isArray(fields.buildInfo))) errors.push("buildInfo must be an object");
  text(fields, "regionId", errors);
  if (!missing(fields.sandboxClass) && !SANDBOX_CLASSES.includes(fields.sandboxClass as string)) {
    errors.push(`sandboxClass must be one of the following values: ${SANDBOX_CLASSES.join(", ")}`);
  }
  if (errors.length > 0) throw badRequest(errors.join(", "));
  return fields;
}

function safeText(value: unknown): boolean {
  return typeof value === "string" && !HTML.test(value) && !URLS.test(value) && !CONTROL.test(value);
}

function text(fields: Fields, name: string, errors: string[]): void {
  if (!missing(fields[name]) && typeof fields[name] !== "string") errors.push(`${name} must be a string`);
}

function each(value: unknown, rule: (item: unknown) => boolean): boolean {
  return Array.isArray(value) ? value.every(rule) : rule(value);
}

function amount(fields: Fields, name: string, errors: string[], max?: number): void {
  const value = fields[name];
  if (missing(value)) return;
  const number = typeof value === "number";
  if (max !== undefined && !(number && value <= max)) errors.push(`${name} must not be greater than ${max}`);
  if (!(number && value >= 0)) errors.push(`${name} must not be less than 0`);
  if (!number) errors.push(`${name} must be a number conforming to the specified constraints`);
}

/** @throws HttpError 400 */
export function checkSnapshotName(name: string): void {
  if (!REFERENCE.test(name)) throw badRequest("Invalid snapshot name format. May contain letters, digits, dots, colons, and dashes");
}

/** @throws HttpError 400 */
export function checkImageName(image: string): void {
  if (image.includes("@sha256:")) {
    const [name, digest] = image.split("@sha256:");
    if (!name || !digest || !/^[a-f0-9]{64}$/.test(digest)) throw badRequest("Invalid digest format. Must be image@sha256:64_hex_characters");
    return;
  }
  if (!image.includes(":") || /:\s*$/.test(image)) throw badRequest("Image name must include a tag (e.g., ubuntu:22.04) or digest (@sha256:...)");
  if (image.endsWith(":latest")) throw badRequest('Images with tag ":latest" are not allowed');
  if (!REFERENCE.test(image)) {
    throw badRequest("Invalid image name format. Must be lowercase, may contain digits, dots, dashes, and single slashes between components");
  }
}

export interface ListQuery {
  page: number;
  limit: number;
  name?: string;
  sort: "name" | "state" | "lastUsedAt" | "createdAt";
  order: "asc" | "desc";
}

const SORTS = ["name", "state", "lastUsedAt", "createdAt"];
const ORDERS = ["asc", "desc"];

/** Query of `GET /snapshots`. @throws HttpError 400 */
export function checkList(query: URLSearchParams): ListQuery {
  const one = (name: string): string | string[] | undefined => {
    const all = query.getAll(name).concat(query.getAll(`${name}[]`));
    return query.has(`${name}[]`) || all.length > 1 ? all : all[0];
  };
  const errors: string[] = [];
  const page = count(one("page"), "page", errors);
  const limit = count(one("limit"), "limit", errors, 200);
  const name = one("name");
  if (name !== undefined && typeof name !== "string") errors.push("name must be a string");
  const sort = one("sort") ?? "lastUsedAt";
  if (!SORTS.includes(sort as string)) errors.push(`sort must be one of the following values: ${SORTS.join(", ")}`);
  const order = one("order") ?? "desc";
  if (!ORDERS.includes(order as string)) errors.push(`order must be one of the following values: ${ORDERS.join(", ")}`);
  if (errors.length > 0) throw badRequest(errors.join(", "));
  return {
    page: page ?? 1,
    limit: limit ?? 100,
    ...(typeof name === "string" ? { name } : {}),
    sort: sort as ListQuery["sort"],
    order: order as ListQuery["order"],
  };
}

/** `Number("")` is 0, as in the server's transformer. */
function count(value: string | string[] | undefined, name: string, errors: string[], max?: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(Array.isArray(value) ? value.join(",") : value);
  if (max !== undefined && !(number <= max)) errors.push(`${name} must not be greater than ${max}`);
  if (!(number >= 1)) errors.push(`${name} must not be less than 1`);
  if (!Number.isInteger(number)) errors.push(`${name} must be an integer number`);
  return number;
}

/** What the server's UUID pipe takes. */
export const isUuid = (text: string) => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
