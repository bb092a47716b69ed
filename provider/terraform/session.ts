import { providerTable, snakeCase } from "../snapshot/attributes";
import { ToolSession } from "../tool/session";
import { fromTool } from "../tool/values";
import { type Connector, NoticeError } from "./ports";
import type { TfCall, TfObject } from "./types";

/** The configured provider: the shared session with Terraform's spelling and errors. */
export class Session extends ToolSession {
  constructor(private readonly connector: Connector) {
    super(
      { attribute: snakeCase, createFirst: "Create it first (`terraform apply -target=ADDRESS`), or set the value from a variable or the environment." },
      (notice) => new NoticeError(notice),
    );
  }

  /** @throws NoticeError if the configuration is invalid */
  configure(config: TfObject, terraformVersion: string, call: TfCall): void {
    const values = fromTool(providerTable.inputs, config, ({ name }) => snakeCase(name));
    const missing = this.open(values, (args) => this.connector({ args: { ...args }, terraformVersion, debug: (message) => call.log("debug", message) }));
    if (missing.length > 0) call.log("debug", "provider configuration not known yet", { attributes: missing.join(", ") });
  }
}
