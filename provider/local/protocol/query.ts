/** Parses a query or form as the server's framework does: brackets make lists and objects, a name given twice makes a list. */
export type Query = Record<string, unknown>;

interface Node {
  values: string[];
  children: Map<string, Node>;
}

/** Names after this many are left out, as are levels below the fifth and, in lists, places above the twentieth. */
const MOST_NAMES = 1000;
const DEPTH = 5;
const LAST_PLACE = 20;

export function parseQuery(text: string): Query {
  const root: Node = { values: [], children: new Map() };
  const parts = text
    .replace(/%5B/gi, "[")
    .replace(/%5D/gi, "]")
    .split("&")
    .filter((part) => part !== "");
  for (const part of parts.slice(0, MOST_NAMES)) {
    const bracket = part.indexOf("]=");
    const at = bracket < 0 ? part.indexOf("=") : bracket + 1;
    const path = segments(decode(at < 0 ? part : part.slice(0, at)));
    let node = root;
    for (const step of path) {
      const next = node.children.get(step) ?? { values: [], children: new Map() };
      node.children.set(step, next);
      node = next;
    }
    if (path.length > 0) node.values.push(at < 0 ? "" : decode(part.slice(at + 1)));
  }
  return Object.fromEntries(
    [...root.children].filter(([name]) => name !== "__proto__").map(([name, node]) => [name, valueOf(node)]),
  );
}

/** `a[b][]` is `a`, `b`, ``; what is no closed bracket belongs to the name. */
function segments(key: string): string[] {
  const first = /\[[^[\]]*\]/.exec(key);
  if (!first) return key === "" ? [] : [key];
  const path = first.index > 0 ? [key.slice(0, first.index)] : [];
  let rest = key.slice(first.index);
  for (
    let next = /^[^[]*\[([^[\]]*)\]/.exec(rest);
    next && path.length <= DEPTH;
    next = /^[^[]*\[([^[\]]*)\]/.exec(rest)
  ) {
    path.push(next[1]!);
    rest = rest.slice(next[0].length);
  }
  if (rest !== "" && path.length > DEPTH) path.push(rest);
  return path;
}

function valueOf({ values, children }: Node): unknown {
  if (children.size === 0) return values.length === 1 ? values[0] : values;
  const inside = [...children];
  const list = inside.every(([key]) => key === "" || (/^(0|[1-9]\d*)$/.test(key) && Number(key) <= LAST_PLACE));
  if (list)
    return [...values, ...inside.sort(([a], [b]) => Number(a) - Number(b)).flatMap(([, node]) => valueOf(node))];
  const object = Object.fromEntries(
    inside.filter(([key]) => key !== "__proto__").map(([key, node]) => [key, valueOf(node)]),
  );
  return values.length === 0 ? object : [...values, object];
}

function decode(text: string): string {
  const spaced = text.replace(/\+/g, " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
