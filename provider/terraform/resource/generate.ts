import { snakeCase } from "../../kit/attribute";
import { ApiError, apiFailure, type SnapshotDto } from "../../lifecycle";
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
  const id = String(state["id"]);
  const doing = `Generating configuration for snapshot "${String(state["name"])}"`;
  try {
    const dto = session.takeListed(id) ?? (await session.connected(doing).getSnapshot({ id }, call.signal));
    if (dto === null)
      return failed({
        summary: `${doing}: it no longer exists`,
        detail: "It was deleted in the meantime. Run the command again.",
      });
    return {
      config: Object.fromEntries(
        programOf(dto, quoted).arguments.map((one) => [snakeCase(one.name), one.value as TfObject[string]]),
      ),
      diagnostics: untold(dto),
    };
  } catch (error) {
    if (error instanceof ApiError) return failed(apiFailure(doing, error, session.origin));
    return { config: {}, diagnostics: [thrown(error)] };
  }
}

function failed(notice: Parameters<typeof diagnostic>[1]): Generated {
  return { config: {}, diagnostics: [diagnostic("error", notice)] };
}

const quoted = (attribute: string): string => `\`${snakeCase(attribute)}\``;

/**
 * What the configuration of a snapshot cannot say, as the `import` command writes it into comments. Terraform (1.15) drops what a generation warns of
 * and shows what a list warns of.
 */
export function untold(dto: SnapshotDto): TfDiagnostic[] {
  const why = reasonAgainst(dto);
  const told = [
    ...(why === null ? [] : [`No configuration can match it: ${why}.`]),
    ...programOf(dto, quoted).comments,
  ];
  if (told.length === 0) return [];
  return [
    diagnostic("warning", {
      summary: "The generated configuration of a snapshot is incomplete",
      detail: `Snapshot "${dto.name}": ${told.join(" ")}`,
    }),
  ];
}
