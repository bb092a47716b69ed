import { type LocalApi, type LocalApiOptions, startLocalApi } from "../../../provider/local";

const started: LocalApi[] = [];

/** An API whose work is over in a moment; ended by `closeAll`. */
export async function start(options: LocalApiOptions = {}): Promise<LocalApi> {
  const local = await startLocalApi({ pullSeconds: 0.03, buildSeconds: 0.03, ...options });
  started.push(local);
  return local;
}

export async function closeAll(): Promise<void> {
  for (const local of started.splice(0)) await local.close();
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  body: any;
}

export async function call(
  local: LocalApi,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const response = await fetch(`${local.apiUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${local.apiKey}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  let parsed: unknown = text;
  try {
    parsed = JSON.parse(text);
  } catch {
    // No JSON: the text is the body.
  }
  return { status: response.status, headers: response.headers, text, body: parsed };
}

/** Waits for a state, or for 404. */
export async function until(local: LocalApi, id: string, state: string | 404): Promise<any> {
  const deadline = Date.now() + 8000;
  for (;;) {
    const answer = await call(local, "GET", `/snapshots/${id}`);
    if (answer.status === state || answer.body.state === state) return answer.body;
    if (Date.now() > deadline) throw new Error(`not ${state} but ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
