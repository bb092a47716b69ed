import { STATUS_CODES } from "node:http";

/** An answer other than success, with the server's own sentence. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

export const badRequest = (message: string) => new HttpError(400, message);
export const forbidden = (message: string) => new HttpError(403, message);
export const notFound = (message: string) => new HttpError(404, message);
export const unexpected = () => new HttpError(500, "An unexpected error occurred.");

/** Body of an error as the server's exception filter writes it. */
export function errorBody(error: HttpError, path: string, now: number) {
  return {
    path,
    timestamp: new Date(now).toISOString(),
    statusCode: error.status,
    error: STATUS_CODES[error.status],
    message: error.message,
  };
}
