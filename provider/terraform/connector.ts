import { ConfigError, connect, type ConnectionArgs } from "../lifecycle";
import { snakeCase } from "../snapshot/attributes";
import { type Connector, NoticeError } from "./ports";

/** The real connection. Nothing is sent before something is asked. */
export function connector(options: { env: Record<string, string | undefined>; version: string }): Connector {
  return ({ args, terraformVersion, debug }) => {
    try {
      return connect(args as ConnectionArgs, options.env, { debug }, { spell: snakeCase, userAgent: `daytona-iac/${options.version} terraform/${terraformVersion}` });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new NoticeError({ summary: "The Daytona provider cannot be configured", detail: sentence(error.message), attribute: [error.attribute] });
    }
  };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
