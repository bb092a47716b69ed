export { ConfigError, NoCredentialsError } from "./errors";
export {
  type Connection,
  type ConnectionArgs,
  type Credentials,
  DEFAULT_MAX_CONCURRENCY,
  type ResolveOptions,
  resolveConnection,
  resolvesTagsIn,
} from "./connection";
export { configFile, type Environment, type Profile, type ReadProfile, readProfile } from "./profile";
export { DEFAULT_API_URL } from "./url";
