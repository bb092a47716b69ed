// Drawings of a few boxes, laid out by Graphviz (its WebAssembly build, @viz-js/viz) and colored by the reader's system.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { instance } from "@viz-js/viz";
import { root } from "../build-provider.mjs";

const STYLE = `
.paper { fill: #ffffff; stroke: #d0d7de; } text { fill: #1f2328; font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
.node path, .node polygon { fill: #f6f8fa; stroke: #8c959f; } .good path { fill: #dafbe1; stroke: #1a7f37; } .bad path { fill: #ffebe9; stroke: #cf222e; } .busy path { fill: #ddf4ff; stroke: #0969da; } .edge path { fill: none; stroke: #59636e; } .edge polygon { fill: #59636e; stroke: #59636e; } .edge text { fill: #59636e; } .cluster path, .cluster polygon { fill: none; stroke: #d0d7de; }
@media (prefers-color-scheme: dark) { .paper { fill: #0d1117; stroke: #30363d; } text { fill: #e6edf3; } .node path, .node polygon { fill: #161b22; stroke: #656c76; } .good path { fill: #12261e; stroke: #3fb950; } .bad path { fill: #25171c; stroke: #f85149; } .busy path { fill: #121d2f; stroke: #58a6ff; } .edge path { stroke: #9198a1; } .edge polygon { fill: #9198a1; stroke: #9198a1; } .edge text { fill: #9198a1; } .cluster path, .cluster polygon { stroke: #30363d; } }
`;
const HEAD = `graph [pad="0.2" nodesep="0.3" ranksep="0.45" bgcolor="transparent" fontname="Helvetica" fontsize="13"]
node [shape="box" style="rounded,filled" fontname="Helvetica" fontsize="14" margin="0.28,0.12"] edge [fontname="Helvetica" fontsize="12"]`;

async function draw(label, dot) {
  const svg = (await instance()).renderString(`digraph { ${HEAD}\n${dot} }`, { format: "svg" });
  const [, width, height] = /width="([\d.]+)pt" height="([\d.]+)pt"/.exec(svg);
  const body = svg
    .slice(svg.indexOf("<g id="), svg.lastIndexOf("</svg>"))
    .replace(/<!--.*?-->\n?/gs, "")
    .replace(/<title>.*?<\/title>\n?/gs, "")
    .replace(/ (?:fill|stroke|font-family|id)="[^"]*"/g, "");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.round(width * 1.2)}" height="${Math.round(height * 1.2)}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
<title>${label}</title>
<style>${STYLE}</style>
<rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${body}</svg>
`;
}

/** The steps of a swap: lifecycle/swap/swap.ts. */
export const drawSwap = () =>
  draw(
    "A swap: the successor is created and becomes active, then the old snapshot is deleted, then the name is created again, then the successor is deleted. If the successor fails, the old snapshot stays.",
    `rankdir="LR"
old [label="agent\\nthe old source" class="good"]
successor [label="create the successor\\nagent--next-…\\nthe new source" class="busy"]
removed [label="the successor is deleted,\\nagent stays as it is" class="bad"]
gone [label="delete agent" class="bad"]
again [label="create agent\\nfrom the new source" class="busy"]
done [label="agent\\nthe new source" class="good"]
old -> successor
successor -> gone [label="active"]
successor -> removed [label="failed"]
gone -> again [label="gone"]
again -> done [label="active: delete\\nthe successor"]
subgraph cluster_gap { margin="14" label="no sandbox can start from the name" style="rounded" gone again }`,
  );

/** Which room may import which, as ESLint holds it; what follows from another arrow is left out. */
export const drawHouse = () => {
  const source = readFileSync(join(root, "eslint.config.mjs"), "utf8");
  const body = /const rooms = (\{[\s\S]*?\n\});/.exec(source)[1];
  const rooms = Object.fromEntries(
    [...body.matchAll(/^ {2}(\w+): \[([^\]]*)\]/gm)].map(([, room, of]) => [
      room,
      [...of.matchAll(/"(\w+)"/g)].map(([, it]) => it),
    ]),
  );
  const reaches = (from, to) => rooms[from].some((next) => next === to || reaches(next, to));
  const arrows = Object.entries(rooms).flatMap(([room, of]) =>
    of.filter((to) => !of.some((other) => other !== to && reaches(other, to))).map((to) => `${room} -> ${to}`),
  );
  const faces = Object.keys(rooms).filter((room) => ["terraform", "pulumi", "cdktf", "library", "cli"].includes(room));
  return draw(
    "The rooms of provider/: faces import tool, tool imports lifecycle, lifecycle imports source, api and config, and source imports resources. Every room may import kit.",
    `rankdir="TB"
${Object.keys(rooms)
  .filter((room) => room !== "kit")
  .map((room) => `${room} [class="${faces.includes(room) ? "busy" : room === "lifecycle" ? "good" : ""}"]`)
  .join("\n")}
kit [label="kit: every room may import it" width="7"]
${arrows.join("\n")}
{ rank="same"; ${faces.join("; ")} }
{ rank="sink"; kit }
${["resources", "api", "config", "process", "local"].map((room) => `${room} -> kit [style="invis"]`).join("\n")}`,
  );
};
