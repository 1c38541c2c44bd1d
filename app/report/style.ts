/** The report's style sheet: system fonts, and colours with a contrast of at least 4.5 : 1 in light, dark and print. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --quiet: #57606a; --page: #ffffff; --card: #f6f8fa; --line: #d0d7de;
  --link: #0550ae; --chart: #0550ae; --ring: #8250df;
  --green: #116329; --green-bg: #dafbe1; --yellow: #6b4700; --yellow-bg: #fff3c4; --red: #a40e26; --red-bg: #ffe1de; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --quiet: #9da7b3; --page: #0f1318; --card: #171c23;
  --line: #343c46; --link: #79b8ff; --chart: #79b8ff; --ring: #d2a8ff;
  --green: #7ee787; --green-bg: #12361f; --yellow: #f0c95a; --yellow-bg: #3a2d05; --red: #ffa39b; --red-bg: #4a1512; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0 auto; max-width: 82rem; padding: 1.25rem clamp(0.75rem, 3vw, 2rem) 3rem; color: var(--text);
  background: var(--page); font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 0.5rem; background: var(--page); padding: 0.5rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 0.5rem; display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 0.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
header p { margin: 0 0 1rem; max-width: 60rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; }
.quiet { color: var(--quiet); font-size: 0.85em; }
.scroll { overflow-x: auto; margin: 0.75rem 0 1.25rem; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
caption { text-align: left; font-weight: 600; padding: 0.6rem 0.75rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.75rem; border-top: 1px solid var(--line); }
thead th { background: var(--card); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; white-space: nowrap; }
tbody tr:hover { background: var(--card); }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.together { white-space: nowrap; font-variant-numeric: tabular-nums; }
td ul { margin: 0; padding-left: 1rem; } td li { overflow-wrap: anywhere; }
.badge { display: inline-block; white-space: nowrap; font-weight: 700; font-size: 0.8rem; line-height: 1.4; padding: 0.05rem 0.55rem;
  border-radius: 999px; }
.green { color: var(--green); background: var(--green-bg); } .yellow { color: var(--yellow); background: var(--yellow-bg); }
.red { color: var(--red); background: var(--red-bg); }
details summary { cursor: pointer; padding: 0.35rem 0; }
.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: 0.75rem; }
figure { margin: 0; padding: 0.5rem; border: 1px solid var(--line); border-radius: 8px; break-inside: avoid; }
figcaption { font-size: 0.8rem; font-weight: 500; }
figure .single { margin: 1rem 0; font-variant-numeric: tabular-nums; }
figure svg { display: block; width: 100%; height: auto; color: var(--chart); }
figure svg text { fill: var(--quiet); }
figure svg .screen { stroke: var(--ring); }
footer { margin-top: 3rem; }
@media print { :root { --text: #000; --quiet: #444; --page: #fff; --card: #fff; --line: #bbb; --chart: #000; --ring: #6f2dbd;
  --green: #116329; --green-bg: #fff; --yellow: #6b4700; --yellow-bg: #fff; --red: #a40e26; --red-bg: #fff; }
  body { max-width: none; padding: 0; font-size: 9pt; } nav, .skip { display: none; } .scroll { overflow: visible; border: 0; }
  table { font-size: 8pt; } th, td { padding: 0.2rem 0.4rem; } tr, figure { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .badge { border: 1px solid currentColor; } }
`;
