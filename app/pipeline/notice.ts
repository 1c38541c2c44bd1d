import pRetry, { AbortError } from 'p-retry';
import { safeMessage } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { Config } from '../../extract/config.ts';
import type { ReportData } from '../report/data.ts';
import { changeOf, daysText, kpiText, periodText, roundText } from '../report/format.ts';
import { kpiTitle } from '../report/kpis.ts';
import { verdictSentence } from '../report/verdict.ts';
import { failedModels } from './build-models.ts';
import type { CommandContext } from './context.ts';
import { describeFailure } from './failure.ts';
import type { Night } from './night.ts';

/** What the message says besides the report. */
interface NoticeFacts {
  /** Why the night failed, the cause first; empty if it did not. */
  readonly failures: readonly string[];
  /** Where people open the report. */
  readonly reportUrl: string | null;
}

const NUMBERS = ['total_booked', 'dollars_produced', 'lead_count'] as const;
const MOST_NAMED = 3;
const MOST_CHARACTERS = 300;

/** The message after a night that wrote a report: verdict, three numbers, what is RED and why, the link. */
export function nightNotice(data: ReportData, { failures, reportUrl }: NoticeFacts): string {
  const red = data.reconciliation.filter(({ verdict }) => verdict === 'RED').slice(0, MOST_NAMED);
  return lines([
    `KPI night ${data.runDate}: ${failures.length > 0 ? 'FAILED' : data.verdict}. ${verdictSentence(data)}`,
    ...failures.slice(0, MOST_NAMED),
    failures.length > MOST_NAMED ? `and ${failures.length - MOST_NAMED} more failures` : '',
    numbersText(data),
    ...red.map((row) => {
      const values = `screen ${kpiText(row.kpi, row.ui_value)}, ours ${kpiText(row.kpi, row.our_value)}`;
      return `RED: ${kpiTitle(row.kpi)} of ${row.business_unit}, ${periodText(row)}: ${values}${whyText(data, row)}`;
    }),
    reportUrl === null ? '' : `Report: ${reportUrl}`,
  ]);
}

function numbersText({ company }: ReportData): string {
  if (!company) return '';
  const texts = NUMBERS.flatMap((kpi) => {
    const found = company.kpis.find((each) => each.kpi === kpi);
    if (found?.value == null) return [];
    const change = changeOf(kpi, found.value, found.weekBefore);
    return [
      `${kpiTitle(kpi)} ${roundText(kpi, found.value)}${change ? ` (${change.text} on the week)` : ''}`,
    ];
  });
  return texts.length > 0
    ? `Week ${daysText(company.week.start, company.week.end)}: ${texts.join(', ')}`
    : '';
}

function whyText(data: ReportData, row: ReportData['reconciliation'][number]): string {
  const found = data.explanations.find(
    (each) =>
      each.kpi === row.kpi &&
      each.business_unit === row.business_unit &&
      each.period_start === row.period_start &&
      each.period_end === row.period_end,
  );
  const equal = found?.alternatives.find(({ equalsScreen }) => equalsScreen);
  return equal
    ? `; the ${equal.isVendor ? "vendor's " : ''}definition "${equal.name}" gives the screen's number`
    : '; no alternative definition explains it';
}

/** The message after a night that wrote no report. */
export function failureNotice(runDate: string, error: unknown): string {
  return lines([
    `KPI night ${runDate}: FAILED. There is no new report.`,
    ...describeFailure(error, false).text.split('\n'),
  ]);
}

/**
 * Lines that no chat takes for markup: Slack and Google Chat read `<…>` as a link or as a call to everybody. Each is cut, so
 * that the message stays short.
 */
function lines(texts: readonly string[]): string {
  return texts
    .map((text) => printable(text).replaceAll('<', '‹').replaceAll('>', '›').trim())
    .filter(Boolean)
    .map((text) => (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text))
    .join('\n');
}

/** Why a night failed: entities, saved reports and models, each with its reason. */
export function failuresOf({
  results,
  reports,
  models,
}: Pick<Night, 'results' | 'reports' | 'models'>): string[] {
  const named = [
    ...results.flatMap((one) => (one.status === 'failed' ? [[one.entity, one.error] as const] : [])),
    ...reports.flatMap((one) => (one.status === 'failed' ? [[one.name, one.error] as const] : [])),
  ];
  const reasons = new Map<string, string[]>();
  for (const [name, error] of named) {
    const reason = safeMessage(error).replace(`${name}: `, '');
    reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  }
  return [
    ...[...reasons].map(([reason, names]) => `Not read: ${names.join(', ')}: ${reason}`),
    ...failedModels(models),
  ];
}

/**
 * Runs the night and sends one message about it to NOTIFY_URL, also if it fails. The message never fails the night: if it
 * cannot be sent, a sentence says so.
 *
 * @param say writes that sentence
 * @throws the errors of the night
 */
export async function withNotice(
  context: CommandContext,
  config: Pick<Config, 'notify' | 'runDate'>,
  say: (sentence: string) => void,
  work: () => Promise<Night>,
): Promise<Night> {
  const { notify, runDate } = config;
  if (notify === null) return work();
  const send = (text: string) =>
    sendNotice(notify.url, text, context.signal).catch((error: unknown) => say(sentenceOf(error)));
  try {
    const night = await work();
    const { data, page } = night.report;
    // A path on this machine leads nobody to the report, and may hold a person's name.
    const reportUrl = notify.reportUrl ?? (/^gs:/.test(page) ? page : null);
    if (notify.on === 'always' || night.hasFailed || data.verdict === 'RED')
      await send(nightNotice(data, { failures: night.hasFailed ? failuresOf(night) : [], reportUrl }));
    return night;
  } catch (error) {
    await send(failureNotice(runDate, error));
    throw error;
  }
}

const TIMEOUT_MS = 10_000;
/** A service that is being stopped has a few seconds in all. */
const TIMEOUT_STOPPED_MS = 2_000;
const RETRIES = 2;

/** Sends `{"text": …}`, the form that Slack, Teams and Google Chat accept. @throws Error that does not name the address */
async function sendNotice(url: string, text: string, signal: AbortSignal): Promise<void> {
  const timeout = () => AbortSignal.timeout(signal.aborted ? TIMEOUT_STOPPED_MS : TIMEOUT_MS);
  await pRetry(
    async () => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ text }),
        ...{ redirect: 'error', signal: timeout() },
      });
      await response.body?.cancel();
      if (response.ok) return;
      const refused = new RefusedNotice(response.status);
      throw response.status === 429 || response.status >= 500 ? refused : new AbortError(refused);
    },
    // The library would wait a second and more, which a stopping service does not have.
    { retries: signal.aborted ? 0 : RETRIES, minTimeout: 500, maxTimeout: 2_000 },
  );
}

class RefusedNotice extends Error {
  constructor(status: number) {
    super(`it answered ${status}`);
  }
}

/** The address is a secret, and messages of `fetch` may quote it. */
function sentenceOf(error: unknown): string {
  const why = error instanceof RefusedNotice ? error.message : 'it cannot be reached';
  return `The message about the night was not sent to NOTIFY_URL: ${why}. The night itself is not affected.`;
}
