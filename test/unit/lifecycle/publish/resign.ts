import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * versitygw takes session tokens only of its own IAM service. So temporary credentials are checked here, the signature
 * with them, and the request goes on signed by the root account. null: the signature is wrong, or there is no token.
 */
export function resign(
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
  temporary: Keys,
  root: Keys,
): IncomingHttpHeaders | null {
  const parts = /Credential=([^/]+)\/([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]+)/.exec(
    headers.authorization ?? "",
  );
  if (parts === null || headers["x-amz-security-token"] === undefined) return null;
  const [, accessKey, scope = "", names = "", signature] = parts;
  if (
    accessKey !== temporary.accessKeyId ||
    signatureOf(method, url, headers, scope, names, temporary.secretAccessKey) !== signature
  )
    return null;
  const { "x-amz-security-token": _token, ...rest } = headers;
  const signed = names
    .split(";")
    .filter((name) => name !== "x-amz-security-token")
    .join(";");
  return {
    ...rest,
    authorization: `AWS4-HMAC-SHA256 Credential=${root.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signatureOf(method, url, rest, scope, signed, root.secretAccessKey)}`,
  };
}

/** Signature Version 4. */
function signatureOf(
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
  scope: string,
  names: string,
  secret: string,
): string {
  const [path = "", query = ""] = url.split("?");
  const parameters = query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => (part.includes("=") ? part : `${part}=`))
    .sort();
  const lines = names.split(";").map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, path, parameters.join("&"), lines.join(""), names, headers["x-amz-content-sha256"]].join(
    "\n",
  );
  const toSign = [
    "AWS4-HMAC-SHA256",
    headers["x-amz-date"],
    scope,
    createHash("sha256").update(canonical).digest("hex"),
  ].join("\n");
  const key = scope
    .split("/")
    .reduce<string | Buffer>((from, part) => createHmac("sha256", from).update(part).digest(), `AWS4${secret}`);
  return createHmac("sha256", key).update(toSign).digest("hex");
}
