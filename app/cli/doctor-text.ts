import pc from 'picocolors';
import { printable } from '../../base/printable.ts';
import type { Finding, Verdict } from '../doctor/check.ts';
import type { CheckResult } from '../doctor/run.ts';
import { wrapped } from './wrapped.ts';

type Out = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

const WIDEST = 110;
const INDENT = 20;

/** The findings of a check, a line or more each: verdict, check, what was found, what to do. */
export function diagnosis({ check, findings }: CheckResult, out: Out): string {
  const width = Math.min(out.columns ?? WIDEST, WIDEST) - INDENT;
  const colours = coloursFor(out);
  return findings
    .map(({ verdict, text, remedy }, index) => {
      const name = index === 0 ? check : '';
      // What several findings in a row need is told after the last of them.
      const isTold = remedy !== undefined && remedy !== findings[index + 1]?.remedy;
      const told = [...text.split('\n'), ...(isTold ? [`→ ${remedy}`] : [])];
      const lines = told.flatMap((line) => wrapped(printable(line), width));
      const [first = '', ...rest] = lines;
      const head = `${colours[verdict](verdict.padEnd(8))} ${name.padEnd(10)} ${first}`;
      return [head, ...rest.map((line) => `${' '.repeat(INDENT)}${line}`)].join('\n');
    })
    .join('\n');
}

/** How many findings there are of each kind. */
export function summaryOf(told: readonly CheckResult[], out: Out): string {
  const colours = coloursFor(out);
  const findings = told.flatMap((one): readonly Finding[] => one.findings);
  const counts = (['ok', 'warning', 'failed', 'skipped'] as const).map((verdict) => {
    const count = findings.filter((finding) => finding.verdict === verdict).length;
    return count > 0 ? colours[verdict](`${count} ${verdict}`) : `${count} ${verdict}`;
  });
  const checks = told.length === 1 ? '1 check' : `${told.length} checks`;
  return `${checks}, ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}: ${counts.join(', ')}`;
}

function coloursFor(out: Out): Readonly<Record<Verdict, (text: string) => string>> {
  const { green, yellow, red, dim } = pc.createColors(out.isTTY === true && pc.isColorSupported);
  return { ok: green, warning: yellow, failed: red, skipped: dim };
}
