/** The style sheet of all pages: system fonts, and colours with a contrast of at least 4.5 : 1 in light, dark and print. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --quiet: #57606a; --page: #ffffff; --card: #f6f8fa; --line: #d0d7de;
  --link: #0550ae; --chart: #0550ae; --bar: #9db9dd; --ring: #8250df;
  --green: #116329; --green-bg: #dafbe1; --yellow: #6b4700; --yellow-bg: #fff3c4; --red: #a40e26; --red-bg: #ffe1de; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --quiet: #9da7b3; --page: #0f1318; --card: #171c23;
  --line: #343c46; --link: #79b8ff; --chart: #79b8ff; --bar: #3d5f86; --ring: #d2a8ff;
  --green: #7ee787; --green-bg: #12361f; --yellow: #f0c95a; --yellow-bg: #3a2d05; --red: #ffa39b; --red-bg: #4a1512; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0 auto; max-width: 84rem; padding: 1rem clamp(0.75rem, 2vw, 2rem) 3rem; color: var(--text);
  background: var(--page); font: 1rem/1.45 system-ui, -apple-system, 'Segoe UI', sans-serif; overflow-wrap: break-word; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 0.5rem; background: var(--page); padding: 0.5rem; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 0.35rem; display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
h3, h4 { font-size: 0.95rem; margin: 0; } .person { font-size: 1.05rem; margin: 1.1rem 0 0.5rem; }
header p { margin: 0 0 0.35rem; max-width: 64rem; }
.verdict { font-size: 1.1rem; font-weight: 600; }
nav { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; font-size: 0.9rem; }
td > details > summary { padding: 0; }
.site { margin-bottom: 0.75rem; padding-bottom: 0.5rem; border-bottom: 1px solid var(--line); }
.quiet { color: var(--quiet); font-size: 0.85rem; font-weight: 400; }
.lacking { margin: 0; color: var(--red); font-size: 0.85rem; }
.legend { margin: 0 0 0.6rem; color: var(--quiet); font-size: 0.85rem; }
code { font-size: 0.85rem; background: var(--card); padding: 0.05rem 0.3rem; border-radius: 4px; }
.cards { display: grid; grid-template-columns: repeat(5, minmax(0, 1fr)); gap: 0.6rem; }
@media (max-width: 64rem) { .cards { grid-template-columns: repeat(auto-fill, minmax(10.25rem, 1fr)); } }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 0.55rem 0.7rem; break-inside: avoid; min-width: 0; }
.card h3 { font-weight: 500; color: var(--quiet); }
.card p { margin: 0; }
.value { font-size: 1.45rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; white-space: nowrap; }
.value a { color: inherit; text-decoration-thickness: 1px; text-underline-offset: 3px; }
.value .light { font-size: 0.9rem; }
.changes { display: flex; flex-direction: column; }
.change { font-size: 0.8rem; font-variant-numeric: tabular-nums; }
.change .quiet { font-size: inherit; }
.month { font-size: 0.85rem; margin-top: 0.35rem !important; padding-top: 0.3rem; border-top: 1px solid var(--line);
  display: flex; flex-direction: column; }
.light { font-size: 0.75em; background: none; } .light.green { color: var(--green); } .light.yellow { color: var(--yellow); }
.light.red { color: var(--red); } .light.rule { color: var(--quiet); }
.legend .light { font-size: 1em; }
.spark { margin: 0.35rem 0 0; } p.spark { min-height: 3rem; }
.spark svg { display: block; width: 100%; height: 2rem; fill: var(--bar); } .spark .now { fill: var(--chart); }
.spark figcaption { display: flex; justify-content: space-between; flex-wrap: wrap; gap: 0 0.3rem; font-size: 0.7rem; color: var(--quiet); white-space: nowrap; }
.spark .range { flex-basis: 100%; }
table { border-collapse: collapse; width: 100%; font-size: 0.85rem; margin: 0.5rem 0; }
caption { text-align: left; font-weight: 600; padding: 0.4rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.5rem; border-top: 1px solid var(--line); }
thead th { font-weight: 600; vertical-align: bottom; color: var(--quiet); border-top: 0; }
tbody th { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td { overflow-wrap: break-word; } td:last-child { overflow-wrap: anywhere; } td.number { white-space: nowrap; }
td .change { display: block; color: var(--quiet); font-size: 0.75rem; }
.change.better { color: var(--green); } .change.worse { color: var(--red); } .legend .change { font-size: inherit; }
.badge { display: inline-block; white-space: nowrap; font-weight: 700; font-size: 0.75rem; line-height: 1.5; padding: 0.05rem 0.5rem;
  border-radius: 999px; }
.badge.green { color: var(--green); background: var(--green-bg); } .badge.yellow { color: var(--yellow); background: var(--yellow-bg); }
.badge.red { color: var(--red); background: var(--red-bg); }
.finding { border-left: 4px solid var(--line); padding: 0.3rem 0 0.3rem 0.8rem; margin: 0 0 0.9rem; max-width: 64rem; }
.finding.red { border-color: var(--red); } .finding.yellow { border-color: var(--yellow); }
.finding p { margin: 0.25rem 0; }
.movers { padding: 0; list-style: none; max-width: 64rem; } .movers > li { margin: 0 0 0.6rem; }
.movers ul { color: var(--quiet); font-size: 0.9rem; padding-left: 1.2rem; list-style: none; }
details > summary { cursor: pointer; padding: 0.3rem 0; color: var(--link); font-size: 0.9rem; }
td > details > summary { padding: 0; }
.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: 0.6rem; }
.multiples figure { margin: 0; padding: 0.5rem; border: 1px solid var(--line); border-radius: 8px; break-inside: avoid; }
.multiples figcaption { font-size: 0.8rem; font-weight: 500; }
.multiples svg { display: block; width: 100%; height: auto; color: var(--chart); }
.multiples svg text { fill: var(--quiet); font-size: 10px; } .multiples .grid { stroke: var(--line); }
.multiples .line { fill: none; stroke: currentColor; stroke-width: 1.75; } .multiples circle { fill: currentColor; }
.multiples .screen { fill: none; stroke: var(--ring); stroke-width: 1.75; }
.single { margin: 0.2rem 0 0; }
@media (max-width: 64rem) {
  .fold, .fold tbody, .fold tr, .fold th, .fold td, .fold caption { display: block; }
  .fold thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .fold tbody { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: 0.6rem; }
  .fold tr { border: 1px solid var(--line); border-radius: 8px; padding: 0.4rem 0.7rem; break-inside: avoid; }
  .fold th, .fold td { border: 0; padding: 0.15rem 0; text-align: left; }
  .fold td { display: grid; grid-template-columns: 8.5rem minmax(0, 1fr); gap: 0.5rem; white-space: normal; }
  .fold td > * { justify-self: start; }
  .fold td::before { content: attr(data-label); color: var(--quiet); }
  .fold td.number { display: flex; flex-wrap: wrap; gap: 0.35rem; align-items: baseline; }
  .fold td.number::before { flex: 0 0 8.5rem; margin-right: 0.15rem; }
}
@media print { :root { --text: #000; --quiet: #444; --page: #fff; --card: #fff; --line: #bbb; --chart: #000; --bar: #999; --ring: #6f2dbd;
  --green: #116329; --green-bg: #fff; --yellow: #6b4700; --yellow-bg: #fff; --red: #a40e26; --red-bg: #fff; }
  @page { size: A4 landscape; margin: 10mm; }
  html { font-size: 9pt; } body { max-width: none; padding: 0; } nav, .skip { display: none; }
  .cards { grid-template-columns: repeat(5, minmax(0, 1fr)); } .value { font-size: 13pt; }
  table { font-size: 7.5pt; } th, td { padding: 0.15rem 0.3rem; } tr, figure, article { break-inside: avoid; } h2, h3, h4 { break-after: avoid; }
  .badge { border: 1px solid currentColor; } }
`;
