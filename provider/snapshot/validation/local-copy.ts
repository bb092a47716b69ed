import { posix } from "node:path";

interface Stage {
  name: string | null;
  base: string;
  /** `COPY app.py`, as it would be said. */
  missing: string[];
}

/**
 * What a Dockerfile copies from a build context although none is sent, as instructions (`COPY app.py`): a build of it fails for
 * certain. Whatever may find something counts as found: variables, wildcards, stages that may be skipped, other frontends.
 */
export function localCopies(dockerfile: string): string[] {
  const stages: Stage[] = [];
  for (const { keyword, rest } of instructions(dockerfile)) {
    if (keyword === "FROM") {
      const words = rest.split(/\s+/).filter((word) => !word.startsWith("--"));
      const named = words[1]?.toLowerCase() === "as" ? words[2] : undefined;
      stages.push({ name: named?.toLowerCase() ?? null, base: (words[0] ?? "").toLowerCase(), missing: [] });
    } else if (keyword === "COPY" || keyword === "ADD") stages.at(-1)?.missing.push(...missingIn(keyword, rest));
  }
  // The builder skips stages that the last one does not need: only those it stands on are certain.
  const certain: string[] = [];
  for (let at = stages.length - 1; at >= 0; ) {
    const stage = stages[at] as Stage;
    certain.unshift(...stage.missing);
    at = stages.slice(0, at).findLastIndex((earlier) => earlier.name === stage.base);
  }
  return certain;
}

/** Instructions with their continued lines joined; comments and the bodies of here-documents left out. Nothing for a frontend that nobody knows. */
function instructions(dockerfile: string): { keyword: string; rest: string }[] {
  const lines = dockerfile.replace(/^\ufeff/, "").split(/\r?\n/);
  let escape = "\\";
  for (const line of lines) {
    const directive = /^\s*#\s*(\w+)\s*=\s*(\S+)/.exec(line);
    if (!directive) break;
    if (directive[1]?.toLowerCase() === "escape") escape = directive[2] ?? escape;
    if (directive[1]?.toLowerCase() === "syntax" && !/^docker\/dockerfile(:|@|$)/.test(directive[2] ?? "")) return [];
  }
  const found: { keyword: string; rest: string }[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    let text = "";
    for (; at < lines.length; at += 1) {
      const line = (lines[at] ?? "").trimEnd();
      if (/^\s*(#|$)/.test(line)) {
        if (text === "") break;
        continue;
      }
      text += line.endsWith(escape) ? line.slice(0, -1) : line;
      if (!line.endsWith(escape)) break;
    }
    const instruction = /^\s*([A-Za-z]+)\s+(.*)$/s.exec(text);
    if (!instruction) continue;
    const [, keyword = "", rest = ""] = instruction;
    for (const [, end] of rest.matchAll(/<<-?\s*["']?([\w.]+)/g)) {
      while (at < lines.length - 1 && (lines[(at += 1)] ?? "").replace(/^\t+/, "") !== end);
    }
    found.push({ keyword: keyword.toUpperCase(), rest: rest.trim() });
  }
  return found;
}

function missingIn(keyword: "COPY" | "ADD", rest: string): string[] {
  const [flags = "", ...parts] = /^((?:--\S+\s+)*)(.*)$/s.exec(rest)?.slice(1) ?? [];
  if (/--from\b/.test(flags)) return [];
  const sources = wordsOf(parts[0] ?? "")?.slice(0, -1) ?? [];
  return sources.filter((source) => isMissing(keyword, source)).map((source) => `${keyword} ${source}`);
}

/** null: quoted in a way that is not worth reading. */
function wordsOf(text: string): string[] | null {
  if (text.startsWith("[")) {
    try {
      const words: unknown = JSON.parse(text);
      return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : null;
    } catch {
      return null;
    }
  }
  return /["'\\]/.test(text) ? null : text.split(/\s+/).filter((word) => word !== "");
}

function isMissing(keyword: "COPY" | "ADD", source: string): boolean {
  if (/[$*?[\]]|<</.test(source)) return false;
  if (keyword === "ADD" && /^[a-z][a-z0-9+.-]*:\/\/|^git@|^github\.com\/|\.git(#|$)/i.test(source)) return false;
  // What the builder gets holds the Dockerfile itself, and nothing else.
  const path = posix.normalize(`/${source}`);
  return path !== "/" && path !== "/Dockerfile";
}
