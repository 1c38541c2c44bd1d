/** The report's style sheet: system fonts and colours of contrast ≥ 4.5 : 1 in light, dark and print. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --page: #ffffff; --line: #d0d7de; --soft: #f3f5f7;
  --green: #116329; --yellow: #7a5200; --red: #a40e26; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --page: #12161b; --line: #3a424c; --soft: #1c222a;
  --green: #56d364; --yellow: #e3b341; --red: #ff8f87; } }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; color: var(--text); background: var(--page);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0.5rem 0; } h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
.scroll { overflow-x: auto; margin-bottom: 1rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
caption { text-align: left; font-weight: 600; padding: 0.3rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--soft); } tbody th { font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.badge { white-space: nowrap; font-weight: 700; }
.green { color: var(--green); } .yellow { color: var(--yellow); } .red { color: var(--red); }
code { font-size: 0.8rem; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; } .scroll { overflow: visible; } tr { break-inside: avoid; } }
`;
