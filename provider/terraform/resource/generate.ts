import { snakeCase } from "../../kit/attribute";
import { ApiError, apiFailure } from "../../lifecycle";
import { programOf, reasonAgainst } from "../../resources/snapshot/program";
import type { Session } from "../session";
import type { TfCall, TfDiagnostic, TfObject, TfResource } from "../types";
import { diagnostic, thrown } from "./diagnostics";

type Generated = Awaited<ReturnType<NonNullable<TfResource["generate"]>>>;

/**
 * The configuration that takes over a snapshot and plans no change: what `daytona-iac import` writes. The protocol has no comments, so what
 * nobody can know is a warning.
 * @param state as an import or a list made it
 */
export async function generatedSnapshot(session: Session, state: TfObject, call: TfCall): Promise<Generated> {
  const name = String(state["name"]);
  const id = String(state["id"]);
  const doing = `Generating configuration for snapshot "${name}"`;
  try {
    const dto = session.takeListed(id) ?? (await session.connected(doing).getSnapshot({ id }, call.signal));
    if (dto === null)
      return failed({
        summary: `${doing}: it no longer exists`,
        detail: "It was deleted meanwhile. Run the command again.",
      });
    const { arguments: values, comments } = programOf(dto, (attribute) => `\`${snakeCase(attribute)}\``);
    const why = reasonAgainst(dto);
    const told = why === null ? comments : [`No configuration can take it over as it is: ${why}.`, ...comments];
    return {
      config: Object.fromEntries(values.map((one) => [snakeCase(one.name), one.value as TfObject[string]])),
      diagnostics: told.length === 0 ? [] : [warning(name, told)],
    };
  } catch (error) {
    if (error instanceof ApiError) return failed(apiFailure(doing, error, session.origin));
    return { config: {}, diagnostics: [thrown(error)] };
  }
}

function failed(notice: Parameters<typeof diagnostic>[1]): Generated {
  return { config: {}, diagnostics: [diagnostic("error", notice)] };
}

function warning(name: string, told: readonly string[]): TfDiagnostic {
  return diagnostic("warning", {
    summary: `Snapshot "${name}": the configuration does not say everything`,
    detail: told.join(" "),
  });
}
