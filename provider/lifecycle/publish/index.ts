export { readSourceToBuild as prepared, publishSource as published } from "./prepare-source";
export { uploadContexts, type UploadRequest } from "./upload-contexts";
export type { UploadProgress } from "./upload-progress";
