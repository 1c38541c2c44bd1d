import { expect, test } from 'vitest';
import { resultsMarkdown } from '../../bench/markdown.ts';
import { spread } from '../../bench/measure.ts';

test('the benchmark page shows which targets were met, missed and not measured', () => {
  const page = resultsMarkdown({
    mode: 'whole',
    machine: { cpu: 'a core', cores: 2, memoryGb: 4, os: 'linux', node: 'v20' },
    tenant: { scale: 1, rows: 1_700_000, megabytes: 2300 },
    sections: [
      {
        id: 'night',
        date: '2026-11-24',
        seconds: 61,
        loadBefore: 0.1,
        title: 'Nights',
        text: 'Whole nights.',
        figures: [
          { id: 'a', label: 'first night', unit: 's', value: spread([50, 40, 70]), target: { atMost: 60 } },
          { id: 'b', label: 'against floor', unit: '×', value: spread([0.5]), target: { atLeast: 0.8 } },
          { id: 'c', label: 'dlt', unit: '×', target: { atLeast: 10 }, note: 'there is no python3' },
        ],
        cores: {
          picture: 'cores.svg',
          rows: [
            {
              night: 'first night',
              phase: 'read',
              seconds: 30.25,
              use: { main: 0.9, threads: 0.7, children: 0.1, server: 0.2, idle: 0.1 },
            },
            { night: 'first night', phase: 'load', seconds: 0.1 },
          ],
        },
      },
    ],
  });
  expect(page).toContain('Whole run at the real volume: 1,700,000 rows, 2,300 MB of JSON.');
  expect(page).toContain('| first night | 50.0 s | 40.0 to 70.0 | 3 | ≤ 60: met |  |');
  expect(page).toContain('| against floor | 0.50 × | 0.50 to 0.50 | 1 | ≥ 0.8: missed |  |');
  expect(page).toContain('Measured on 2026-11-24 in 61 s; load before it 0.1.');
  expect(page).toContain('| first night | read | 30.3 s | 0.90 | 0.70 | 0.10 | 0.20 | 0.10 |');
  expect(page).toContain('| first night | load | 0.10 s |  |  |  |  |  |');
  expect(page).toContain('](cores.svg)');
  expect(page).toContain('| dlt | not measured |  |  | ≥ 10 | there is no python3 |');
});
