// Lines of a terminal as an SVG: text, so that it can be searched and compared, in the colors of the reader's system.
import { COLUMNS } from "./terminal.mjs";

const [WIDE, HIGH, LEFT, TOP] = [7.8, 18, 16, 44];
/** How many times faster than the session, and the longest pause in seconds. */
const [FASTER, LONGEST] = [1.5, 1.2];

const STYLE = `
.frame { fill: #fff; stroke: #d0d7de; } .bar { fill: #f6f8fa; } text { font: 13px/18px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre; }
.bold { font-weight: 700; } .red { fill: #cf222e; } .green { fill: #116329; } .yellow { fill: #7d4e00; } .blue { fill: #0550ae; } .magenta { fill: #8250df; } .cyan { fill: #1b6f75; } .soft { fill: #59636e; } .title { fill: #59636e; font-size: 12px; }
@media (prefers-color-scheme: dark) { .frame { fill: #0d1117; stroke: #30363d; } .bar { fill: #161b22; } text { fill: #e6edf3; } .red { fill: #ff7b72; } .green { fill: #56d364; } .yellow { fill: #e3b341; } .blue { fill: #79c0ff; } .magenta { fill: #d2a8ff; } .cyan { fill: #56d4dd; } .soft, .title { fill: #9198a1; } }
g { animation: come 1ms backwards; } @keyframes come { from { opacity: 0; } } @media (prefers-reduced-motion: reduce) { g { animation: none; } }
`;

const esc = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** A reader without animations, or with a still picture, sees the end. */
export function terminalSvg({ lines }, { title, label }) {
  const width = Math.ceil(COLUMNS * WIDE + 2 * LEFT);
  const height = TOP + lines.length * HIGH + 10;
  let [clock, before] = [0.4, 0];
  const rows = lines.map(({ at, runs }, row) => {
    clock += Math.min(LONGEST, Math.max(0, at - before) / 1000 / FASTER);
    before = Math.max(before, at);
    if (runs.length === 0) return "";
    const y = TOP + row * HIGH + 4;
    const texts = runs.map(
      ({ column, style, text }) =>
        `<text x="${(LEFT + column * WIDE).toFixed(1)}" y="${y}" textLength="${(text.length * WIDE).toFixed(1)}"${style === "" ? "" : ` class="${style}"`}>${esc(text)}</text>`,
    );
    return `<g style="animation-delay:${clock.toFixed(2)}s">${texts.join("")}</g>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${esc(label)}">
<title>${esc(label)}</title>
<style>${STYLE}</style>
<rect class="frame" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/><path class="bar" d="M1 26V9a8 8 0 0 1 8-8h${width - 18}a8 8 0 0 1 8 8v17z"/><text class="title" x="${LEFT}" y="18">${esc(title)}</text>
${rows.join("")}</svg>
`;
}

/** The lines of such an SVG as plain text. */
export function textOfSvg(svg) {
  const rows = new Map();
  for (const [, x, y, text] of svg.matchAll(/<text x="([\d.]+)" y="(\d+)" textLength[^>]*>([^<]*)<\/text>/g)) {
    const column = Math.round((Number(x) - LEFT) / WIDE);
    const plain = text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
    rows.set(y, (rows.get(y) ?? "").padEnd(column) + plain);
  }
  return [...rows].sort(([a], [b]) => a - b).map(([, text]) => text);
}
