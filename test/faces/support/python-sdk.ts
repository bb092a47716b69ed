import { execFile } from "node:child_process";
import type { LocalApi } from "../../../provider/local";

/** A python that has the official SDK; undefined: none is named. */
export const python = process.env["DAYTONA_IAC_PYTHON_SDK"];
/** What the name of a test says that is skipped without it. */
export const withoutPython = python ? "" : " (DAYTONA_IAC_PYTHON_SDK names no python with it)";

/** Creates a snapshot from a Dockerfile and its files by the official SDK for Python, against the local API. */
export function createByPythonSdk(
  local: Pick<LocalApi, "apiKey" | "apiUrl">,
  name: string,
  dockerfile: string,
): Promise<{ code: unknown; output: string }> {
  // The storage's client refuses HTTP, which the local API speaks: the one thing that is changed in the SDK.
  const script = [
    "import os, daytona._sync.object_storage as storage",
    "from daytona import Daytona, DaytonaConfig, CreateSnapshotParams, Image",
    "store = storage.S3Store",
    "storage.S3Store = lambda *args, **options: store(*args, **{**options, 'client_options': {**options.get('client_options', {}), 'allow_http': True}})",
    "client = Daytona(DaytonaConfig(api_key=os.environ['KEY'], api_url=os.environ['URL']))",
    "print(client.snapshot.create(CreateSnapshotParams(name=os.environ['NAME'], image=Image.from_dockerfile(os.environ['DOCKERFILE']))).state)",
  ].join("\n");
  const env = { ...process.env, KEY: local.apiKey, URL: local.apiUrl, NAME: name, DOCKERFILE: dockerfile };
  return new Promise((resolve) =>
    execFile(python!, ["-c", script], { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, output: stdout + stderr }),
    ),
  );
}
