import { usage } from "./session";

/** The columns that `--columns` names; without it, the default. @throws Stop for what is no column */
export function columnsOf<Column extends string>(
  text: string | undefined,
  known: readonly Column[],
  usual: readonly Column[],
): readonly Column[] {
  if (text === undefined) return usual;
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const unknown = names.find((name) => !known.includes(name as Column));
  if (names.length === 0 || unknown !== undefined)
    throw usage(
      `--columns ${text} names ${unknown === undefined ? "no column" : `an unknown column: ${unknown}`}`,
      `Columns: ${known.join(", ")}.`,
    );
  return names as Column[];
}
