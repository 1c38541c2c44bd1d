import { expect, test } from 'vitest';
import { equalsScreen } from '../../../app/explain/values.ts';
import { ticksOf } from '../../../app/report/chart.tsx';
import { type ReconciliationRow, worst } from '../../../app/report/data.ts';
import { meaningIn } from '../../../app/report/findings.ts';
import { changeOf, kpiText } from '../../../app/report/format.ts';
import { KPIS, ratioOf } from '../../../app/report/kpis.ts';
import { reportMarkdown } from '../../../app/report/markdown.ts';
import { bookedChange, moversOf } from '../../../app/report/movers.ts';
import { renderPage } from '../../../app/report/page.tsx';
import { lightOf, verdictSentence } from '../../../app/report/verdict.ts';
import { percentOf, quotient } from '../../../base/decimals.ts';
import { compileProject } from '../../../engine/compile.ts';
import { PROJECT } from '../../e2e/command.ts';
import { region, reportData } from './data.ts';

const data = reportData();

test('the report shows both values, the difference and the reason of a RED screen value', () => {
  const page = renderPage(data);
  for (const text of ['$27,150.00', '$17,230.00', '$9,920.00 less', 'RED', 'Booked of Nevada-Sales']) {
    expect(page).toContain(text);
  }
});

test('text from the data never becomes HTML markup in the report', () => {
  expect(renderPage(data)).not.toContain('<script');
});

test('the HTML of the report refers to no other file or address', () => {
  expect(renderPage(data)).not.toMatch(/src=|href="(?!#)|url\(|@import/);
});

test('the report formats amounts from their decimal text without rounding through a float', () => {
  expect(kpiText('total_booked', '12345678901234567890.12')).toBe('$12,345,678,901,234,567,890.12');
  expect(kpiText('close_rate_percent', '58.3')).toBe('58.30 %');
  expect(kpiText('lead_count', '1016')).toBe('1,016');
  expect(kpiText('gpm_percent', null)).toBe('–');
});

test('the verdict of a report without any check is RED', () => {
  expect(worst([])).toBe('RED');
  expect(worst(['GREEN', 'YELLOW'])).toBe('YELLOW');
  expect(worst(['YELLOW', 'RED', 'GREEN'])).toBe('RED');
});

test('the Markdown report names RED screen values, moved weeks with their records and failed entities', () => {
  const markdown = reportMarkdown(data);
  expect(markdown).toContain('🔴 Booked, Nevada-Sales, 18 Aug 2025: screen $27,150.00, ours $17,230.00');
  expect(markdown).toContain('↔ Booked, Nevada-Sales, week 2025-10-13: $100.00 → $150.00 (estimate 42');
  expect(markdown).toContain('payments was not read to the end');
  expect(markdown).toContain('| Nevada-Sales | – | – | – | $24,015.00 |');
});

test('the report says when there was no earlier run, no screen value and no assertion to compare', () => {
  const page = renderPage({ ...data, nightBefore: null, movements: [], reconciliation: [], assertions: [] });
  expect(page).toContain('There is no earlier nightly run to compare with yet.');
  expect(page).toContain('no screen value has been stored yet');
  expect(page).toContain('Nothing was checked in this run.');
  expect(renderPage({ ...data, movements: [] })).toContain('was complete on 26 Oct 2025 has changed since');
});

test('of many numbers that moved, the report shows the KPIs first and folds the rest', () => {
  const [moved] = data.movements;
  if (!moved) throw new Error('no movement');
  const units = Array.from({ length: 8 }, (_, n) => `Unit ${n}`);
  const movements = units.flatMap((business_unit) =>
    ['lead_job_count', 'total_booked'].map((kpi) => ({ ...moved, business_unit, kpi })),
  );
  const page = renderPage({ ...data, movements });
  expect(page).toContain('16 numbers of 1 week that was complete on 26 Oct 2025 changed since then.');
  const section = /id="changes"[\s\S]*?<\/section>/.exec(page)?.[0] ?? '';
  const [shown = '', folded = ''] = section.split('6 more numbers');
  expect(shown.match(/>Booked</g)).toHaveLength(8);
  expect(shown.match(/>Lead jobs</g)).toHaveLength(2);
  expect(folded.match(/>Lead jobs</g)).toHaveLength(6);
});

test('of a number that rose, the report lists the records that count now; of one that fell, all that changed', () => {
  const [moved] = data.movements;
  const [record] = moved?.records ?? [];
  if (!moved || !record) throw new Error('no movement');
  const records = [record, { ...record, id: '43', counts: false }];
  const pageOf = (value: string) => renderPage({ ...data, movements: [{ ...moved, records, value }] });
  expect(pageOf('150.00')).not.toContain('estimate 43');
  expect(pageOf('50.00')).toContain('estimate 43');
});

test('the report shows a moved record of a counted KPI without an amount', () => {
  const [moved] = data.movements;
  if (!moved) throw new Error('no movement');
  const records = moved.records.map((record) => ({ ...record, amount: null }));
  const page = renderPage({ ...data, movements: [{ ...moved, records }] });
  expect(page).toContain('estimate 42 (Sold) counts now, on 14 Oct 2025');
});

test('the report names entities that were not read beside its verdict in HTML and in Markdown', () => {
  const sentence = 'Not read for 27 Oct 2025: payments; Collected is older.';
  const [header = ''] = renderPage(data).split('</header>');
  expect(header).toContain(sentence);
  expect(reportMarkdown(data)).toContain(sentence);
  expect(renderPage({ ...data, unread: [] })).not.toContain('Not read for');
  expect(renderPage({ ...data, unread: ['jobs'] })).toMatch(
    /: jobs; Leads, Estimates and \d+ other numbers are older\./,
  );
  expect(renderPage({ ...data, unread: ['jobs', 'estimates'] })).toContain(
    'older: jobs, estimates were not read',
  );
  const units = (page: string) => textOf(page.split('id="units"')[1]?.split('</table>')[0] ?? '');
  expect(units(renderPage(data))).toContain('Collected is older: payments was not read to the end.');
  expect(units(renderPage({ ...data, unread: [] }))).not.toContain('older');
  expect(renderPage({ ...data, unread: ['campaigns'] })).toContain('27 Oct 2025: campaigns. ');
});

test('the report says in words what a check found, what it touches, and who mends it how', () => {
  const page = renderPage(data);
  expect(page).toContain('1 business unit (12 jobs, $5,000) is not among the units that count.');
  expect(page).toContain('The jobs of such a unit count in no number.');
  expect(page).toMatch(
    /For the analyst: 1 thing to do.*<strong>To do: <\/strong>Decide whether each counts/s,
  );
  expect(page).toContain(
    '<strong>$5,000.00 counts in no number</strong>: invoices of units that do not count.',
  );
  expect(page).toMatch(/data-label="jobs"[^>]*>2</);
  expect(page).toContain('answered 500');
});

test('the report groups what is to be done by person, counts it at its top, and adds up the money that counts nowhere', () => {
  const finding = (name: string, who: string, uncounted_amount: string | null, what = '') => ({
    ...{ name, file: 'x.sqlx', failing_rows: '2', sample: '[]', uncounted_amount },
    verdict: uncounted_amount === null ? ('RED' as const) : ('YELLOW' as const),
    description: `Rule.\nFinding: ${name} are late. (One: ${name} is late.)\nEffect: Booked.${what && `\nCounts in no number: ${what}.`}\n${who}: Mend it.`,
  });
  const assertions = [
    finding('models', 'The data engineer', null),
    finding('deposits', 'The office', '12000', 'deposits not applied yet'),
    finding('sales', 'The office', '14300.004', 'sales without a job'),
    finding('dates', 'The office', '0', 'amounts without a day'),
  ];
  const page = renderPage({ ...data, assertions });
  const [header = '', main = ''] = page.split('</header>');
  expect(header).toContain(
    '<a href="#look-office">the office 3</a>, <a href="#look-engineer">the data engineer 1</a>',
  );
  expect(main).toContain('id="look-office"');
  expect(textOf(main)).toMatch(
    /\$26,300\.00 counts in no number : \$14,300\.00 sales without a job, \$12,000\.00 deposits not applied yet\. .* For the office: 3 things to do .*2 deposits \(\$12,000\) are late.*2 dates are late.* For the data engineer: 1 thing to do .* RED 2 models are late/,
  );
  expect(renderPage({ ...data, assertions: [] })).not.toContain('counts in no number');
});

test('what an assertion calls money that counts in no number is a column of its rows, and the other way round', async () => {
  const { assertions } = await compileProject(PROJECT, {});
  const own = assertions.filter(({ fileName }) => fileName.startsWith('definitions/assertions/'));
  const isSaid = ({ actionDescriptor }: (typeof own)[number]) =>
    meaningIn(actionDescriptor?.description)?.uncounted !== undefined;
  const said = own.filter(isSaid).map(({ target }) => target.name);
  expect(said.length).toBeGreaterThan(5);
  const counted = own.filter(({ query }) => /\buncounted_amount\b/.test(query));
  expect(counted.map(({ target }) => target.name)).toEqual(said);
});

test('every assertion of the project says in its description what a finding means and who mends it', async () => {
  const { assertions } = await compileProject(PROJECT, {});
  const own = assertions.filter(({ fileName }) => fileName.startsWith('definitions/assertions/'));
  expect(own.length).toBeGreaterThan(40);
  const silent = own.filter(({ actionDescriptor }) => meaningIn(actionDescriptor?.description) === null);
  expect(silent.map(({ target }) => target.name)).toEqual([]);
});

test('no two KPIs share a label for people', () => {
  const labels = KPIS.map(({ label }) => label);
  expect(new Set(labels).size).toBe(labels.length);
});

test('a RED screen value carries the definition that gives it, with the records that this adds', () => {
  const page = renderPage(data);
  expect(page).toContain('The definition &quot;sale dated in world time (UTC)&quot; gives the screen');
  expect(page).toContain('adds estimate 77 ($9,920.00)');
  expect(page).toContain('With estimate 77 ($9,920.00, Sold, no date) they are equal.');
  expect(page).toContain('npm run explain -- total_booked Nevada-Sales 2025-08-18');
  const without = renderPage({ ...data, explanations: [] });
  expect(without).not.toContain('sale dated in world time (UTC)');
});

test('when all other screen values of a number agree, the screen is to be looked at first', () => {
  const [red] = data.reconciliation.filter(({ verdict }) => verdict === 'RED');
  if (!red) throw new Error('nothing is off');
  const other = { ...red, period_start: '2025-08-19', period_end: '2025-08-19' };
  const pageOf = (verdict: 'GREEN' | 'RED') =>
    textOf(renderPage({ ...data, reconciliation: [...data.reconciliation, { ...other, verdict }] }));
  expect(pageOf('GREEN')).toContain('Look at the screen once more first');
  expect(pageOf('RED')).not.toContain('Look at the screen once more first');
});

test('the proof of a number says how far a screen value may differ, and a difference of percentages is in points', () => {
  const [row] = data.reconciliation;
  if (!row) throw new Error('no screen value');
  const margin = { ...row, kpi: 'gpm_percent', ui_value: '41.93', our_value: '41.76', difference: '-0.17' };
  const page = textOf(renderPage({ ...data, reconciliation: [{ ...margin, verdict: 'GREEN' }] }));
  expect(page).toContain('1 of 1 screen value equal, within 0.50 points');
  expect(page).toContain('−0.17 points');
});

test('the proof of a number is as good as its worst screen value', () => {
  const proofOf = (kpi: string) =>
    new RegExp(`<th[^>]*>${kpi}</th><td[^>]*>([^<]*)`).exec(
      renderPage(data).split('id="proof"')[1] ?? '',
    )?.[1];
  expect(proofOf('Booked')).toBe('✗ 0 of 1 screen value equal');
  expect(proofOf('Estimates')).toBe('▲ 0 of 1 screen value equal');
  expect(proofOf('Leads')).toBe('● 1 of 1 screen value equal');
  expect(proofOf('Collected')).toBe('○ only by its rule');
});

test('a screen value that no definition explains says so', () => {
  const [explanation] = data.explanations;
  if (!explanation) throw new Error('no explanation');
  const page = renderPage({ ...data, explanations: [{ ...explanation, alternatives: [], candidates: [] }] });
  expect(page).toContain('No alternative definition and no single record makes the two equal.');
});

test("the report names the vendor's definition that gives the screen's number", () => {
  const [explanation] = data.explanations;
  if (!explanation) throw new Error('no explanation');
  const [first] = explanation.alternatives;
  if (!first) throw new Error('no alternative');
  const alternatives = [{ ...first, name: "ServiceTitan's rule", isVendor: true }];
  const text = textOf(renderPage({ ...data, explanations: [{ ...explanation, alternatives }] }));
  expect(text.replaceAll('&quot;', '"')).toContain(
    "The vendor's definition \"ServiceTitan's rule\" gives the screen's number",
  );
});

test('a value is the number on a screen with the decimals that the screen has', () => {
  expect(equalsScreen('close_rate_percent', '58.33', '58.3')).toBe(true);
  expect(equalsScreen('close_rate_percent', '58.39', '58.3')).toBe(false);
  expect(equalsScreen('closed_average_sale', '58.33', '58.3')).toBe(false);
  expect(equalsScreen('total_booked', null, '58.3')).toBe(false);
});

test('the first screen shows the number of the week with its changes, the month, and a light on the number', () => {
  const [, card = ''] = /aria-label="Booked">(.*?)<\/article>/s.exec(renderPage(data)) ?? [];
  expect(textOf(card)).toMatch(
    /\$428,300 .*\+7 % on the week.*−14 % on the year.*1 – 26 Oct \$1,034,087.*no year before/,
  );
  expect(card).toContain('by its rule: no screen of this period was read');
  const company = { ...cellOf('total_booked'), business_unit: 'ALL', ui_value: '428300.35' };
  const proved = renderPage({ ...data, reconciliation: [company] });
  expect(proved).toMatch(/aria-label="Booked">.*?equals its screen \(\$428,300\.35\).*?<\/article>/s);
});

test('a screen value of a day that is off shows on the number of its week', () => {
  const off = {
    ...cellOf('total_booked'),
    period_start: '2025-10-22',
    period_end: '2025-10-22',
    verdict: 'RED' as const,
  };
  expect(
    lightOf([off], { kpi: 'total_booked', unit: 'Nevada-Sales', start: '2025-10-20', end: '2025-10-26' }),
  ).toMatchObject({ verdict: 'RED' });
  const green = { ...off, verdict: 'GREEN' as const };
  expect(
    lightOf([green], { kpi: 'total_booked', unit: 'Nevada-Sales', start: '2025-10-20', end: '2025-10-26' }),
  ).toBeNull();
});

const OPEN = { verdict: 'YELLOW', reason: 'not settled: the period is not over' } as const;

test.each([
  [
    {},
    '1 of 3 screen values is off: Booked of Nevada-Sales, 18 Aug 2025; 1 differs for a known reason. 2 things to look at.',
  ],
  [{ assertions: [] }, 'known reason. Nothing else to look at.'],
  [{ reconciliation: [cellOf('total_booked'), cellOf('lead_count')] }, 'All 2 screen values agree.'],
  [{ reconciliation: [] }, 'No number is proved: no screen value has been stored yet.'],
  [
    { reconciliation: [cellOf('total_booked'), { ...cellOf('lead_count'), ...OPEN }] },
    'The only screen value agrees; 1 is not settled, because the period is not over.',
  ],
  [
    { reconciliation: [{ ...cellOf('lead_count'), ...OPEN }] },
    'Of the screen values, 1 is not settled, because the period is not over.',
  ],
])('the verdict is a sentence: %j', (change, sentence) => {
  expect(verdictSentence({ ...data, unread: [], ...change })).toContain(sentence);
});

test('the change of booked dollars splits into opportunities, close rate and dollars per sale that add up', () => {
  const before = { opportunities: 20, closed: 10, booked: 50_000 };
  const now = { opportunities: 30, closed: 12, booked: 72_000 };
  // 10 more opportunities x 50 % x 5,000; 40 % after 50 % x 30 x 5,000; 6,000 after 5,000 x 12 sales
  expect(bookedChange(before, now)).toEqual({
    opportunities: 25_000,
    closeRate: expect.closeTo(-15_000, 6),
    ticket: 12_000,
  });
  expect(bookedChange({ ...before, closed: 0 }, now)).toBeNull();
});

test('the report names the unit that rose most and the one that fell most', () => {
  expect(moversOf(data.regions).map(({ sentence }) => sentence)).toEqual([
    'Booked rose most in Phoenix: $20,000 after $10,000 (+$10,000).',
    'Booked fell most in Nevada: $24,015 after $30,000 (−$5,985).',
  ]);
  // One sale of two opportunities after one of thirty: each part would be many times what was sold.
  const few = region('Nevada', {
    ...{
      total_booked: ['1300', '50000'],
      sales_opportunities: ['12', '3'],
      closed_opportunities: ['2', '2'],
    },
    close_rate_percent: ['16.67', '66.67'],
  });
  expect(moversOf([few])[0]?.parts).toEqual([
    '2 sales after 2',
    'a lower close rate, 16.7 % after 66.7 %',
    'smaller sales, $650 each after $25,000',
    'although more opportunities, 12 after 3',
  ]);
  const still = [region('Nevada', { total_booked: ['5', '5'] })];
  expect(moversOf(still)).toEqual([]);
  expect(renderPage({ ...data, regions: still })).toContain('No unit has a number of the week before');
});

test('the change of produced and collected dollars is split into the number of their records and the dollars of each', () => {
  const partsOf = (kpi: string, values: readonly [string, string], value: number, weekBefore: number) =>
    moversOf([region('Nevada', { [kpi]: values }, { [kpi]: { value, weekBefore } })])[0]?.parts;
  expect(partsOf('dollars_produced', ['60000', '20000'], 20, 10)).toEqual([
    '+$20,000: more jobs, 20 after 10',
    '+$20,000: larger jobs, $3,000 each after $2,000',
  ]);
  expect(partsOf('dollars_collected', ['9000', '20000'], 9, 10)).toEqual([
    '−$9,000: smaller payments, $1,000 each after $2,000',
    '−$2,000: fewer payments, 9 after 10',
  ]);
  expect(partsOf('dollars_collected', ['9000', '0'], 9, 0)).toEqual(['9 payments after 0']);
  // Each part would be many times what was produced.
  expect(partsOf('dollars_produced', ['20000', '10000'], 90, 1)).toEqual([
    'more jobs, 90 after 1',
    'although smaller jobs, $222 each after $10,000',
  ]);
});

test.each([
  ['total_booked', '150', '100', '+50 %'],
  ['total_booked', '90', '-10', '+$100'],
  ['dollars_produced', '474562.39', '30387.58', '+$444,175'],
  ['close_rate_percent', '37.62', '37.25', '+0.4 pt'],
  ['lead_count', '8', '16', '−50 %'],
  ['lead_count', '8', '8', 'unchanged'],
  ['total_booked', '1000002', '1000000', 'nearly unchanged'],
  ['warranty_percent', '0.21', '0.24', 'nearly unchanged'],
])('a change of %s to %s from %s reads %s', (kpi, now, before, text) => {
  expect(changeOf(kpi, now, before)?.text).toBe(text);
});

test.each([
  ['total_booked', 'up', 'better'],
  ['outstanding_ar', 'up', 'worse'],
  ['warranty_percent', 'down', 'better'],
  ['lead_count', 'down', 'worse'],
] as const)('a change of %s that goes %s is for the %s', (kpi, direction, judgement) => {
  const [now, before] = direction === 'up' ? ['2', '1'] : ['1', '2'];
  expect(changeOf(kpi, now, before)).toMatchObject({ direction, judgement });
});

test('a triangle is a light and never a direction, and what the colour of a change says is also said in words', () => {
  const green = { ...data, verdict: 'GREEN' as const, assertions: [], reconciliation: [] };
  const [, afterLegend = ''] = renderPage(green).split('class="cards"');
  expect(afterLegend).not.toMatch(/[▲▼]/);
  expect(textOf(afterLegend)).toContain('↑ +7 % on the week (better)');
  expect(textOf(afterLegend)).toContain('↓ −14 % on the year (worse)');
});

test('the day on which a screen was read is that of the tenant', () => {
  const [off] = data.reconciliation;
  if (!off) throw new Error('no screen value');
  // 22:00 of the 19th in Phoenix.
  const read = { ...off, source_note: 'Sales board', read_on: '2025-11-20 05:00:00+00' };
  expect(renderPage({ ...data, reconciliation: [read] })).toContain('Sales board; read 19 Nov 2025');
});

test('a change without one of its sides is unknown, not zero', () => {
  expect(changeOf('total_booked', '1', null)).toBeNull();
  expect(changeOf('total_booked', null, '1')).toBeNull();
});

test.each([
  [0, 12, [0, 5, 10, 15]],
  [0, 199_130.39, [0, 100_000, 200_000]],
  [-3, 44.6, [-20, 0, 20, 40, 60]],
  [0, 0, [0, 1]],
])('the axis of a chart from %s to %s has round numbers that enclose both', (low, high, ticks) => {
  expect(ticksOf(low, high)).toEqual(ticks);
});

test('a chart shows a value for each point, a ring for a screen value, and a gap where there is no value', () => {
  const [series] = data.series;
  if (!series) throw new Error('no series');
  const page = renderPage(data);
  expect(page).toContain('<title>13 Oct 2025: 7</title>');
  expect(page.match(/class="screen"/g)).toHaveLength(1);
  const weeks = series.weeks.map((week, index) => (index === 1 ? { ...week, value: null } : week));
  const [, path] =
    /class="line" d="([^"]+)"/.exec(renderPage({ ...data, series: [{ ...series, weeks }] })) ?? [];
  expect(path).toMatch(/^M[\d. ]+M[\d. ]+$/);
});

test('quotients and percentages of decimals round half away from zero and never divide by zero', () => {
  expect(quotient('1', '3', 2)).toBe('0.33');
  expect(quotient('-2.5', '1', 0)).toBe('-3');
  expect(quotient('1', '0', 2)).toBeNull();
  expect(percentOf('7', '12')).toBe('58.33');
  expect([percentOf('7', '0'), percentOf('7', '-1'), percentOf(null, '1')]).toEqual([null, null, null]);
});

test('a ratio is a percentage or an amount, by the unit of its KPI', () => {
  expect(ratioOf({ unit: 'percent' }, '7', '12')).toBe('58.33');
  expect(ratioOf({ unit: 'usd' }, '168778.3', '20')).toBe('8438.92');
  expect([ratioOf({ unit: 'usd' }, '7', '0'), ratioOf({ unit: 'usd' }, null, '1')]).toEqual([null, null]);
  expect(kpiText('closed_average_sale', '8438.92')).toBe('$8,438.92');
});

test('a check that could not run says so and keeps its reason', () => {
  const broken = {
    name: 'assert_x',
    file: 'x.sqlx',
    verdict: 'RED' as const,
    failing_rows: null,
    sample: 'x.sqlx: no table',
  };
  const page = renderPage({ ...data, assertions: [broken] });
  expect(page).toContain('The check assert_x could not run.');
  expect(page).toContain('x.sqlx: no table');
});

function cellOf(kpi: string): ReconciliationRow {
  const green = data.reconciliation.find(({ verdict }) => verdict === 'GREEN');
  if (!green) throw new Error('no equal value');
  return { ...green, kpi };
}

function textOf(html: string): string {
  return html
    .replace(/<title>.*?<\/title>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}
