/** The report's own style: light and dark by the system, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #16202b; --soft: #5a6875; --line: #dde3e9; --page: #f4f6f8; --card: #fff;
  --blue: #1f6feb; --band: #1f6feb22; --amber: #945800; --green: #1a7f37; --red: #c9252d; --violet: #7c4dbd; --track: #e8edf2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4eaf0; --soft: #98a6b3; --line: #2d3742; --page: #10161c; --card: #182028;
  --blue: #58a6ff; --band: #58a6ff2e; --amber: #e3a13b; --green: #4cc266; --red: #ff6b6b; --violet: #b794f4; --track: #26303a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 0 24px 64px; }
h1 { font-size: 22px; margin: 0; } h2 { font-size: 20px; margin: 40px 0 4px; } h3, .card > h2 { font-size: 15px; margin: 0 0 10px; } h4 { font-size: 12px; margin: 14px 0 4px; color: var(--soft); text-transform: uppercase; letter-spacing: .06em; }
p { margin: 4px 0; } a { color: var(--blue); } small, .soft { color: var(--soft); }
header { padding: 26px 0 6px; display: flex; justify-content: space-between; gap: 24px; align-items: baseline; flex-wrap: wrap; }
.verdict { border-radius: 10px; padding: 18px 22px; margin: 10px 0 12px; color: #fff; display: flex; gap: 20px; align-items: center; }
.verdict b { font-size: 26px; letter-spacing: .04em; } .verdict span { font-size: 15px; }
.passed { background: #1a7f37; } .failed { background: #b3202a; } .invalid { background: #8a5a00; }
.label { border-left: 4px solid var(--amber); padding: 6px 14px; margin: 12px 0; background: var(--card); font-size: 14px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; min-width: 0; }
.grid2 { display: grid; grid-template-columns: minmax(0, 1.65fr) minmax(0, 1fr); gap: 14px; margin-top: 14px; }
.halves { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.row { margin-top: 14px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 12px; margin-top: 12px; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px; }
.tile span { font-size: 12px; color: var(--soft); display: block; } .tile b { font-size: 25px; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; } .tile small { display: block; font-variant-numeric: tabular-nums; }
.tile.up b { color: var(--blue); } .chip a { color: inherit; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0; } .chip { border: 1px solid var(--line); border-radius: 99px; padding: 1px 10px; font-size: 12.5px; background: var(--card); color: var(--soft); }
.chip.good { color: var(--green); border-color: var(--green); } .chip.bad { color: var(--red); border-color: var(--red); } .chip.note { color: var(--amber); border-color: var(--amber); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
th { text-align: left; color: var(--soft); font-weight: 600; font-size: 12.5px; } th, td { padding: 5px 8px; border-bottom: 1px solid var(--line); vertical-align: top; } tr:last-child td { border-bottom: 0; }
td.n, th.n { text-align: right; white-space: nowrap; } td.held { color: var(--green); font-weight: 600; } td.breached { color: var(--red); font-weight: 600; } td.skipped { color: var(--amber); font-weight: 600; } td.code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12.5px; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; display: block; } svg text { font: 12px system-ui, sans-serif; fill: var(--soft); } svg .title { font-size: 12.5px; } svg .value { font-size: 11.5px; }
.grid { stroke: var(--line); } .curve { fill: none; stroke: var(--blue); stroke-width: 2.5; stroke-linejoin: round; } .band { fill: var(--band); } .baseline { fill: none; stroke: var(--soft); stroke-width: 1.8; stroke-dasharray: 6 4; }
.rate { fill: var(--card); stroke: var(--blue); stroke-width: 2; } .point path { fill: var(--amber); } .point text { fill: var(--amber); font-weight: 600; }
.ideal { stroke: var(--soft); stroke-dasharray: 4 4; } .dot { fill: var(--blue); fill-opacity: .65; stroke: var(--blue); } .gap { stroke: var(--red); stroke-opacity: .45; stroke-width: 1.5; } .bias { stroke: var(--red); stroke-width: 1.6; } .limit { stroke: var(--red); stroke-dasharray: 5 4; stroke-opacity: .7; }
.track { fill: var(--track); } .fill { fill: var(--blue); } .whisker { stroke: var(--ink); stroke-width: 1.4; }
.strata { columns: 2; column-gap: 28px; } .stratum { break-inside: avoid; } .stratum:first-child h4 { margin-top: 0; }
.bar { display: grid; grid-template-columns: 96px minmax(0, 1fr) 40px 52px; gap: 8px; align-items: center; font-size: 13.5px; margin: 4px 0; font-variant-numeric: tabular-nums; }
.bar span { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 12px; } figure { margin: 0; } figure > div { position: relative; aspect-ratio: 1; background: #000; border-radius: 8px; overflow: hidden; } figure img, figure svg { position: absolute; inset: 0; width: 100%; height: 100%; } figure .none { color: #9aa; display: grid; place-items: center; height: 100%; font-size: 12px; text-align: center; padding: 8px; }
figcaption { font-size: 12px; line-height: 1.4; margin-top: 5px; } figcaption b { font-size: 13px; } .missed :is(circle, rect) { stroke: #ff5c5c; } .false :is(circle, rect) { stroke: #ffb020; } figure :is(circle, rect) { fill: none; stroke-width: 2; }
.stages { display: flex; height: 30px; border-radius: 6px; overflow: hidden; margin: 8px 0; } .stages div { min-width: 1px; } .key { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; font-variant-numeric: tabular-nums; } .key i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
.explorer { display: grid; grid-template-columns: auto minmax(160px, 1fr) auto; gap: 16px; align-items: center; margin-top: 12px; border-top: 1px solid var(--line); padding-top: 12px; font-variant-numeric: tabular-nums; } .explorer input { width: 100%; accent-color: var(--amber); } .explorer output { min-width: 330px; }
details summary { cursor: pointer; font-weight: 600; } details table { margin-top: 8px; } .scroll { overflow-x: auto; }
@media (max-width: 900px) { .grid2, .halves { grid-template-columns: 1fr; } .strata { columns: 1; } .explorer { grid-template-columns: 1fr; } }
@media print { body { background: #fff; } .card, .tile, figure { break-inside: avoid; } .explorer { display: none; } details { display: block; } }
`;
