// Uploads a build context in a process of its own: `node upload-once.mjs STORAGE BUCKET FOLDER`. The folder has been hashed before, as the plan
// does. Prints the time of the upload and the peak memory.
import { systemClock } from "../../dist/lifecycle/call/system-clock.js";
import { uploadContexts } from "../../dist/lifecycle/publish/upload-contexts.js";
import { createSourceReader } from "../../dist/source/source-reader.js";

const [storageUrl, bucket, folder] = process.argv.slice(2);
const program = {
  dockerfile: `${folder}/Dockerfile`,
  contextDir: folder,
  dockerfileContent: null,
  image: null,
  localImage: null,
  context: null,
  buildArgs: null,
  target: null,
};
const { archives } = await createSourceReader({ env: process.env }).prepare(program, (name) => name);
const silent = () => undefined;
const begun = performance.now();
await uploadContexts({
  archives,
  access: async () => ({
    accessKey: "bench-access",
    secret: "bench-secret-key",
    sessionToken: "",
    storageUrl,
    organizationId: "bench",
    bucket,
  }),
  clock: systemClock,
  signal: new AbortController().signal,
  log: { debug: silent, progress: silent },
  doing: "uploading",
  env: {},
});
console.log(JSON.stringify({ ms: performance.now() - begun, peakMb: process.resourceUsage().maxRSS / 1024 }));
process.exit(0);
