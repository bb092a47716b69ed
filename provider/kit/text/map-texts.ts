/**
 * The same value with each of its texts changed, those that name members too. Copies only what changes: a report of a large fleet is large.
 * @param change must give the same text where there is nothing to change
 */
export function mapTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value as unknown[];
    let copy: unknown[] | null = null;
    for (let at = 0; at < items.length; at += 1) {
      const item = mapTexts(items[at], change);
      if (item !== items[at]) (copy ??= [...items])[at] = item;
    }
    return (copy ?? value) as T;
  }
  const members = value as Record<string, unknown>;
  const keys = Object.keys(members);
  let copy: [string, unknown][] | null = null;
  for (let at = 0; at < keys.length; at += 1) {
    const key = keys[at]!;
    const [name, member] = [change(key), mapTexts(members[key], change)];
    if (copy === null && (name !== key || member !== members[key]))
      copy = keys.slice(0, at).map((before) => [before, members[before]]);
    copy?.push([name, member]);
  }
  return copy === null ? value : (Object.fromEntries(copy) as T);
}
