import { ConfigError, connect, NoCredentialsError, sentence, type ConnectionArgs } from "../lifecycle";
import type { SourceReader } from "../source/source-reader";
import { snakeCase } from "../kit/attribute";
import { capital } from "../kit/words";
import { type Connector, NoticeError } from "./ports";

/** Connects to the real API. Sends nothing until the first call. */
export function connector(options: {
  env: Record<string, string | undefined>;
  version: string;
  sources?: SourceReader;
}): Connector {
  return ({ args, terraformVersion, debug }) => {
    try {
      return connect(
        args as ConnectionArgs,
        options.env,
        { debug },
        {
          ...(options.sources ? { sources: options.sources } : {}),
          spell: snakeCase,
          userAgent: `daytona-iac/${options.version} terraform/${terraformVersion}`,
        },
      );
    } catch (error) {
      if (!(error instanceof ConfigError) || error instanceof NoCredentialsError) throw error;
      throw new NoticeError({
        summary: "The Daytona provider cannot be configured",
        detail: capital(sentence(error.message)),
        attribute: [error.attribute],
      });
    }
  };
}
