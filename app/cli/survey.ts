import { dirname, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { sleep } from '../../base/sleep.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { configOf } from '../pipeline/session.ts';
import { sourceOf } from '../pipeline/source.ts';
import { openTenant } from '../pipeline/tenant.ts';
import { type Survey, type SurveyFiles, surveyFiles } from '../survey/files.ts';
import { namedRecord, noteBefore, watchChanges } from '../survey/moved.ts';
import { openSurveyTenant } from '../survey/open-tenant.ts';
import { changeSentence, refutedOf, surveyPage, surveySentence } from '../survey/page.tsx';
import type { Answered } from '../survey/question.ts';
import { QUESTIONS } from '../survey/questions.ts';
import { keptAnew, runSurvey, type SurveyStart, unasked } from '../survey/run.ts';
import type { Tenant } from '../survey/tenant.ts';
import { wrapText } from './wrapped.ts';

interface SurveyFlags {
  readonly minutes: number;
  readonly again?: boolean;
  readonly before?: boolean;
  readonly after?: boolean;
  readonly record: readonly string[];
  readonly wait: number;
  readonly folder?: string;
  readonly json?: boolean;
}

/** How often `--after` looks. */
const LOOK_EVERY_MS = 60_000;

export function addSurvey(program: Command, context: CommandContext): void {
  program
    .command('survey')
    .description(
      "Ask a tenant, by reading alone, which of the pipeline's assumptions hold; writes a page to share.",
    )
    .addOption(new Option('--minutes <number>', 'ask for so long').argParser(minutes).default(5))
    .addOption(new Option('--again', 'ask everything again, also what an unfinished survey asked'))
    .addOption(new Option('--before', 'note the state before you change something by hand'))
    .addOption(new Option('--after', 'say what your change moved, where and after how long'))
    .addOption(
      new Option(
        '--record <entity/id>',
        'before: a record that you will change, such as invoices/123; repeat it',
      )
        .argParser((text: string, all: readonly string[]) => [...all, text])
        .default([], 'none'),
    )
    .addOption(new Option('--wait <minutes>', 'after: look for so long').argParser(minutes).default(20))
    .addOption(new Option('--folder <path>', 'where the files go; default: survey/ beside the warehouse'))
    .addOption(new Option('--json', 'print survey.json'))
    .addHelpText(
      'after',
      '\nsurvey.json and survey.html have no names, amounts or ids. kept.json beside them\nhas continuation tokens and ids: do not share it.',
    )
    .action((flags: SurveyFlags) => survey(context, flags));
}

async function survey(context: CommandContext, flags: SurveyFlags): Promise<void> {
  if (flags.before && flags.after) throw new UsageError(['--before and --after are two runs']);
  if (flags.record.length > 0 && !flags.before) throw new UsageError(['--record belongs to --before']);
  const config = configOf(context);
  const { warehouse } = config;
  const beside = warehouse.kind === 'duckdb' ? dirname(warehouse.path) : join(context.cwd, '.local');
  const files = surveyFiles(flags.folder ? resolve(context.cwd, flags.folder) : join(beside, 'survey'));
  const source = sourceOf(config);
  const known = await files.readKept();
  // Answers and tokens of another tenant say nothing about this one.
  const isSame = known.source === undefined || known.source === source;
  const kept = isSame ? { ...known, source } : { source, tokens: {} };
  const stored = isSame ? await files.read() : undefined;
  const isSandbox = config.credentials === null;
  const goesOn = stored !== undefined && stored.endedAt === null && !flags.again;
  const isSurvey = !flags.before && !flags.after;
  const opened = await openTenant(config);
  const tenant = openSurveyTenant({
    ...{ config: opened.config, credentials: opened.credentials, isSandbox },
    kept: isSurvey && !goesOn ? keptAnew(kept) : kept,
    ...{ now: context.now, signal: context.signal },
  });
  try {
    if (flags.before) await before(context, flags, tenant, files);
    else if (flags.after) await after(context, flags, tenant, files, stored);
    else await ask(context, flags, tenant, files, startOf(context, stored, goesOn));
  } finally {
    tenant.close();
    opened.close();
  }
}

function startOf(context: CommandContext, stored: Survey | undefined, goesOn: boolean): SurveyStart {
  if (stored && goesOn) return stored;
  const startedAt = context.now().toISOString();
  return { startedAt, calls: 0, seconds: 0, answers: [], entities: [], changes: stored?.changes ?? [] };
}

async function ask(
  context: CommandContext,
  { minutes: most, json = false }: SurveyFlags,
  tenant: Tenant,
  files: SurveyFiles,
  start: SurveyStart,
): Promise<void> {
  const { stdout, stderr } = context;
  // The token host says first whether the credentials are right, so that this is no answer to 50 questions.
  await tenant.signIn();
  const save = async (survey: Survey) => {
    await files.writeKept(tenant.kept);
    await files.write(survey, surveyPage(survey, unasked(QUESTIONS, survey)));
  };
  const result = await runSurvey({
    ...{ questions: QUESTIONS, start, tenant, save },
    until: new Date(context.now().getTime() + most * 60_000),
    onAnswer: ({ id, verdict }) => stderr.write(`${verdict.padEnd(10)}${id}\n`),
  });
  await save(result);
  stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `${surveyText(result, files)}\n`);
}

async function before(
  { stdout }: CommandContext,
  { record }: SurveyFlags,
  tenant: Tenant,
  files: SurveyFiles,
): Promise<void> {
  const state = await noteBefore(record.map(namedRecord), tenant);
  await files.writeKept({ ...tenant.kept, before: state });
  stdout.write(
    `${wrapText(`The state is noted: the ends of ${Object.keys(state.tokens).length} feeds, ${record.length} named ${record.length === 1 ? 'record' : 'records'}. Make your change in ServiceTitan now, then run\n\n  npm run survey -- --after`)}\n`,
  );
}

async function after(
  context: CommandContext,
  { wait, json = false }: SurveyFlags,
  tenant: Tenant,
  files: SurveyFiles,
  stored: Survey | undefined,
): Promise<void> {
  const { before: state } = tenant.kept;
  if (!state)
    throw new UsageError(['There is no state to compare with'], 'Run `npm run survey -- --before` first.');
  const changes = await watchChanges(state, tenant, {
    ...{ waitMs: wait * 60_000, everyMs: LOOK_EVERY_MS, sleep },
    tell: (sentence) => context.stderr.write(`${sentence}\n`),
  });
  const survey: Survey = {
    ...(stored ?? emptySurvey(tenant, context.now())),
    changes: [...(stored?.changes ?? []), ...changes],
  };
  await files.write(survey, surveyPage(survey, unasked(QUESTIONS, survey)));
  // The next change needs a state of its own.
  if (changes.length > 0) await files.writeKept({ ...tenant.kept, before: undefined });
  const lines = changes.length > 0 ? changes.map(changeSentence) : ['Nothing changed since --before.'];
  context.stdout.write(
    json
      ? `${JSON.stringify(changes, null, 2)}\n`
      : `${wrapText([...lines, '', `Page       ${files.page}`].join('\n'))}\n`,
  );
}

function emptySurvey({ isSandbox, metrics }: Tenant, now: Date): Survey {
  return {
    ...{ version: 1, source: isSandbox ? 'sandbox' : 'tenant', startedAt: now.toISOString(), endedAt: null },
    ...{ calls: metrics.calls, seconds: 0, answers: [], entities: [], changes: [] },
  };
}

/** The verdict, what is refuted with its consequence, and where the files are, in 80 columns. */
export function surveyText(survey: Survey, { page, json }: Pick<SurveyFiles, 'page' | 'json'>): string {
  return wrapText(
    printableLines([
      surveySentence(survey, unasked(QUESTIONS, survey)),
      '',
      ...refutedOf(survey.answers).flatMap(refutedLines),
      `Page       ${page}`,
      `To share   ${json}`,
    ]),
  );
}

function refutedLines({ assumes, found, consequence = '', kpis = [] }: Answered): readonly string[] {
  const risk = kpis.length > 0 ? [`  KPIs at risk: ${kpis.join(', ')}.`] : [];
  return [`✗ ${assumes}`, `  Seen: ${found}.`, `  ${consequence}`, ...risk, ''];
}

function printableLines(lines: readonly string[]): string {
  return lines.map(printable).join('\n');
}

function minutes(text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number >= 0 && number <= 1440) return number;
  throw new InvalidArgumentError('It must be a number of minutes, such as 5.');
}
