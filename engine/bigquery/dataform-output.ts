import { stripVTControlCharacters } from 'node:util';

/** The end of one action, as Dataform's command line prints it. */
export interface Outcome {
  readonly schema: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** BigQuery jobs that ran for the action. */
  readonly jobIds: readonly string[];
  /** Why the action failed; empty if it did not fail. */
  readonly message: string;
}

/** `Table created:  st_stage_v2.int_leads [table]`: the format of `printExecutedAction` in @dataform/cli 3.0. */
const HEADLINE =
  /^(Table created|Dataset creation failed|Skipping dataset creation|Assertion passed|Assertion failed|Skipping assertion execution): +([\w-]+)\.([\w-]+)/;

/** Parses one output stream of `dataform run` piece by piece. `end` reports the last action. */
export function outcomeReader(onOutcome: (outcome: Outcome) => void) {
  let partialLine = '';
  let current: { headline: RegExpExecArray; lines: string[] } | undefined;

  const close = () => {
    if (current) onOutcome(outcomeOf(current.headline, current.lines));
    current = undefined;
  };
  const readLine = (coloured: string) => {
    const line = stripVTControlCharacters(coloured);
    const headline = HEADLINE.exec(line);
    if (headline) {
      close();
      current = { headline, lines: [] };
    } else {
      current?.lines.push(line);
    }
  };
  return {
    read(text: string): void {
      const lines = (partialLine + text).split('\n');
      partialLine = lines.pop() ?? '';
      for (const line of lines) readLine(line);
    },
    end(): void {
      if (partialLine !== '') readLine(partialLine);
      close();
    },
  };
}

/** The lines below a headline hold the job ids, the statement after `>`, and the reason of a failure. */
function outcomeOf(
  [, words = '', schema = '', name = '']: RegExpExecArray,
  lines: readonly string[],
): Outcome {
  const jobs = lines.find((line) => /^\s*jobId:/.test(line)) ?? '';
  const status = words.endsWith('failed') ? 'failed' : words.startsWith('Skipping') ? 'skipped' : 'passed';
  const isMessage = (line: string) => line.trim() !== '' && !/^\s*(jobId:|Bytes billed:|>)/.test(line);
  return {
    schema,
    name,
    status,
    jobIds: jobs.match(/[\w-]+(?=,|\s*$)/g) ?? [],
    message:
      status === 'failed'
        ? lines
            .filter(isMessage)
            .map((line) => line.trim())
            .join(' ')
        : '',
  };
}
