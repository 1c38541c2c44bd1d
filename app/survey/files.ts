import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answered } from './question.ts';

/** A survey as `survey.json` has it. It has no names, amounts, ids, tokens or addresses, so it can be shared. */
export interface Survey {
  readonly version: 1;
  readonly source: 'sandbox' | 'tenant';
  readonly startedAt: string;
  /** Null while questions are left. */
  readonly endedAt: string | null;
  readonly calls: number;
  readonly seconds: number;
  readonly answers: readonly Answered[];
  readonly entities: readonly EntitySpeed[];
  readonly changes: readonly ObservedChange[];
}

/** The size and speed of an entity's first pages. */
export interface EntitySpeed {
  readonly entity: string;
  readonly listStatus: number;
  readonly listSeconds: number;
  readonly feedStatus: number | null;
  readonly feedSeconds: number | null;
  readonly feedRows: number | null;
  /** Bytes of a record in the feed, or in the list if there is no feed. */
  readonly bytesPerRow: number | null;
}

/** What a change that somebody made by hand moved, and after how long each door showed it. */
export interface ObservedChange {
  readonly entity: string;
  /** Whether the record was named with --record; others are counted together. */
  readonly isNamed: boolean;
  readonly records: number;
  /** Names of the fields with other values than before; of named records only. */
  readonly fields: readonly string[];
  readonly changedOnMoved: boolean;
  /** Seconds from the change, by modifiedOn, or else from `--before`; null if it was not seen there. */
  readonly byIdSeconds: number | null;
  readonly listSeconds: number | null;
  readonly feedSeconds: number | null;
}

/** What a survey keeps for the next one. It has tokens and ids, so it stays on this machine. */
export interface Kept {
  /** The tenant, so that nothing of another one is taken for its own. */
  readonly source?: string;
  /** The first continuation token of each feed, and when this survey saw it. */
  tokens: KeptTokens;
  /** The oldest tokens of earlier surveys that were still accepted. */
  earlier?: KeptTokens;
  /** The state before a change that somebody makes by hand. */
  before?: BeforeChange | undefined;
}

/** Where feeds ended and what named records were. */
export interface BeforeChange {
  readonly at: string;
  readonly tokens: Readonly<Record<string, string>>;
  /** By entity and id: a hash of each field. */
  readonly records: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export type KeptTokens = Record<string, { readonly token: string; readonly seenAt: string }>;

/** The files of a survey in one folder. */
export interface SurveyFiles {
  readonly page: string;
  readonly json: string;
  read(): Promise<Survey | undefined>;
  readKept(): Promise<Kept>;
  write(survey: Survey, page: string): Promise<void>;
  writeKept(kept: Kept): Promise<void>;
}

export function surveyFiles(folder: string): SurveyFiles {
  const [page, json, kept] = ['survey.html', 'survey.json', 'kept.json'].map((name) => join(folder, name));
  if (!page || !json || !kept) throw new TypeError('a survey has three files');
  return {
    ...{ page, json },
    read: () => readJson<Survey>(json),
    readKept: async () => (await readJson<Kept>(kept)) ?? { tokens: {} },
    async write(survey, html) {
      await writeWhole(folder, json, `${JSON.stringify(survey, null, 2)}\n`);
      await writeWhole(folder, page, html);
    },
    writeKept: (value) => writeWhole(folder, kept, `${JSON.stringify(value)}\n`),
  };
}

/** Undefined if there is no such file, or a process was killed before the first one was whole. */
async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

async function writeWhole(folder: string, path: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.part`, text, { mode: 0o600 });
  await rename(`${path}.part`, path);
}
