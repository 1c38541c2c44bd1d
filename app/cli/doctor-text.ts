import pc from 'picocolors';
import { printable } from '../../base/printable.ts';
import type { Finding, Verdict } from '../doctor/check.ts';
import type { CheckResult } from '../doctor/run.ts';
import { wrapLine } from './wrapped.ts';

type Out = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

const WIDEST = 110;
const INDENT = 20;

/** Formats the findings of a check: verdict, name of the check, what was found, what to do. */
export function diagnosis({ check, findings }: CheckResult, out: Out): string {
  const width = Math.min(out.columns ?? WIDEST, WIDEST) - INDENT;
  const colours = coloursFor(out);
  return findings
    .map(({ verdict, text, remedy }, index) => {
      const name = index === 0 ? check : '';
      // Findings in a row that need the same remedy show it once, after the last of them.
      const showsRemedy = remedy !== undefined && remedy !== findings[index + 1]?.remedy;
      const parts = [...text.split('\n'), ...(showsRemedy ? [`→ ${remedy}`] : [])];
      const lines = parts.flatMap((line) => wrapLine(printable(line), width));
      const [first = '', ...rest] = lines;
      const head = `${colours[verdict](verdict.padEnd(8))} ${name.padEnd(10)} ${first}`;
      return [head, ...rest.map((line) => `${' '.repeat(INDENT)}${line}`)].join('\n');
    })
    .join('\n');
}

/** Counts the findings by verdict. */
export function summaryOf(results: readonly CheckResult[], out: Out): string {
  const colours = coloursFor(out);
  const findings = results.flatMap((result): readonly Finding[] => result.findings);
  const counts = (['ok', 'warning', 'failed', 'skipped'] as const).map((verdict) => {
    const count = findings.filter((finding) => finding.verdict === verdict).length;
    return count > 0 ? colours[verdict](`${count} ${verdict}`) : `${count} ${verdict}`;
  });
  const checks = results.length === 1 ? '1 check' : `${results.length} checks`;
  return `${checks}, ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}: ${counts.join(', ')}`;
}

function coloursFor(out: Out): Readonly<Record<Verdict, (text: string) => string>> {
  const { green, yellow, red, dim } = pc.createColors(out.isTTY === true && pc.isColorSupported);
  return { ok: green, warning: yellow, failed: red, skipped: dim };
}
