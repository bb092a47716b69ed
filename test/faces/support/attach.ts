import { createProvider } from "../../../provider/terraform/provider";
import { Calls } from "../../../provider/terraform/serve/calls";
import { reattachVariable } from "../../../provider/terraform/serve/handshake";
import { listen } from "../../../provider/terraform/serve/listen";
import { createLog, type LogLevel } from "../../../provider/terraform/serve/log";
import { Redactor, environmentSecrets } from "../../../provider/tool/redactor";
import { createServer, injector } from "../../../provider/terraform/serve/server";

export interface Attached {
  /** Value of `TF_REATTACH_PROVIDERS`. */
  variable: string;
  /** What the provider logged. */
  log: string[];
  close(): Promise<void>;
}

/** Serves a provider of its own in this process, for one Terraform command. */
export async function attach(env: Record<string, string>, aliases: string[] = [], level?: LogLevel): Promise<Attached> {
  const redactor = new Redactor(environmentSecrets(env));
  const lines: string[] = [];
  const log = createLog(
    level,
    (text) => redactor.text(text),
    (text) => lines.push(text),
  );
  const provider = createProvider(env);
  const calls = new Calls(() => Promise.resolve(provider), redactor, log);
  const server = createServer(calls, () => undefined);
  const listening = await listen({}, process.platform);
  listening.serve(injector(server));
  return {
    variable: withAliases(reattachVariable(listening, process.pid), aliases),
    log: lines,
    async close() {
      // A killed Terraform leaves its calls under way: nothing of them may reach the next command.
      calls.abort();
      await Promise.race([calls.settled(), new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
      server.forceShutdown();
      listening.close();
      provider.close();
    },
  };
}

function withAliases(variable: string, aliases: string[]): string {
  const entries = JSON.parse(variable) as Record<string, unknown>;
  const [own] = Object.values(entries);
  return JSON.stringify({ ...entries, ...Object.fromEntries(aliases.map((alias) => [alias, own])) });
}
