/** Style of the page: light and dark by the reader's system. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #f7f8fa; --card: #ffffff; --ink: #1b1f24; --soft: #59636e; --line: #d8dee4; --good: #1a7f37; --bad: #cf222e; --warn: #9a6700; --idle: #6e7781; --busy: #0969da; --bar: #b6c6d9; --focus: #0969da; }
@media (prefers-color-scheme: dark) { :root { --bg: #0d1117; --card: #161b22; --ink: #e6edf3; --soft: #9198a1; --line: #30363d; --good: #3fb950; --bad: #f85149; --warn: #d29922; --idle: #8b949e; --busy: #58a6ff; --bar: #33475f; --focus: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 28px 20px 60px; }
header p { margin: 0; color: var(--soft); font-size: 13px; overflow-wrap: anywhere; } #checked { margin: 0 0 14px; }
h1 { font-size: 25px; line-height: 1.25; margin: 2px 0 10px; padding-left: 14px; border-left: 6px solid var(--soft); }
h1.clean { border-color: var(--good); } h1.drift, h1.error { border-color: var(--bad); } h1.not-applied { border-color: var(--warn); }
h2 { font-size: 16px; margin: 30px 0 10px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; }
.error-card { border-color: var(--bad); margin-bottom: 12px; } .error-card pre { white-space: pre-wrap; margin: 8px 0 0; font-size: 13px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 12px; margin-bottom: 14px; }
.tile b { display: block; font-size: 27px; line-height: 1.15; } .tile span { color: var(--soft); font-size: 13px; }
.chart { display: flex; height: 26px; border-radius: 6px; overflow: hidden; gap: 2px; } .chart i { display: block; min-width: 4px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 12px 0 0; padding: 0; list-style: none; font-size: 13px; } .legend b { font-variant-numeric: tabular-nums; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
.s-good { background: var(--good); } .s-bad { background: var(--bad); } .s-warn { background: var(--warn); } .s-idle { background: var(--idle); } .s-busy { background: var(--busy); } .s-none { background: repeating-linear-gradient(45deg, var(--bad) 0 4px, transparent 4px 8px); }
.tools { display: flex; flex-wrap: wrap; gap: 10px; margin: 0 0 12px; align-items: center; }
input, select, button.clear { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 7px; padding: 6px 10px; } input { flex: 1 1 240px; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
.wrap { overflow-x: auto; padding: 0; } table { width: 100%; border-collapse: collapse; } th, td { text-align: left; padding: 9px 14px; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; } th { padding: 0; white-space: nowrap; } th button { all: unset; cursor: pointer; padding: 10px 14px; font-size: 13px; color: var(--soft); font-weight: 600; } th button:focus-visible { outline: 2px solid var(--focus); outline-offset: -3px; } th[aria-sort=ascending] button::after { content: " ↑"; } th[aria-sort=descending] button::after { content: " ↓"; }
code { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; } td.what { min-width: 300px; } td.what p { margin: 0 0 4px; overflow-wrap: anywhere; } td.what .soft, .soft { color: var(--soft); font-size: 13px; }
td.size { white-space: nowrap; font-variant-numeric: tabular-nums; min-width: 120px; } .meter { display: block; height: 5px; border-radius: 3px; background: var(--bar); margin-top: 5px; } td.age, td.state { white-space: nowrap; } td:first-child { min-width: 210px; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 20px; padding: 0 9px; font-size: 12px; font-weight: 600; white-space: nowrap; } .badge.drift { color: var(--bad); } .badge.pending { color: var(--warn); } .badge.moved { color: var(--busy); } .badge.ok { color: var(--good); }
details { margin-top: 4px; } summary { cursor: pointer; color: var(--soft); font-size: 13px; } details pre { margin: 6px 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 12.5px; } .none { padding: 18px; color: var(--soft); } ul.notes { margin: 0; padding-left: 18px; }
td.what .tag { margin-top: 6px; } td.what .tag code { font-size: 12px; color: var(--soft); }
@media (max-width: 640px) { table, tbody, tbody tr, td.what, td:first-child { display: block; } thead { display: block; } thead tr { display: flex; overflow-x: auto; } tbody tr { padding: 10px 0; border-bottom: 1px solid var(--line); } tbody tr:last-child { border-bottom: 0; } tbody tr[hidden] { display: none; } td { display: inline-block; border: 0; padding: 3px 14px; } td:empty { display: none; } td.what { min-width: 0; }
  main { padding: 14px 12px 40px; } h1 { font-size: 20px; margin-bottom: 8px; padding-left: 10px; } .card { padding: 10px 12px; } .wrap { padding: 0; } .tiles { display: flex; flex-wrap: wrap; gap: 6px; margin-bottom: 8px; } .tile { padding: 4px 10px; } .tile b { display: inline; font-size: 17px; margin-right: 5px; } .chart { height: 12px; } .legend { margin-top: 6px; gap: 0 14px; } h2 { margin: 12px 0 6px; } .tools { flex-wrap: nowrap; margin-bottom: 6px; gap: 6px; } input { flex: 1 1 90px; min-width: 0; } #count { display: none; } th button { padding: 6px 12px; } }
@media print { .tools { display: none; } body { background: none; } }
`;
