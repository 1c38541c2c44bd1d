import { stripVTControlCharacters } from 'node:util';

/** What Dataform's command line prints of an action once it has ended. */
export interface Outcome {
  readonly schema: string;
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  /** Jobs that ran for it. */
  readonly jobIds: readonly string[];
  /** Of a failed action: why; else empty. */
  readonly message: string;
}

/** `Table created:  st_stage_v2.int_leads [table]`, as @dataform/cli 3.0 writes it; printExecutedAction in its source. */
const HEADLINE =
  /^(Table created|Dataset creation failed|Skipping dataset creation|Assertion passed|Assertion failed|Skipping assertion execution): +([\w-]+)\.([\w-]+)/;

/** Reads the text of one stream of `dataform run` piece by piece; `end` tells of the last action. */
export function outcomeReader(onOutcome: (outcome: Outcome) => void) {
  let rest = '';
  let open: { headline: RegExpExecArray; lines: string[] } | undefined;

  const close = () => {
    if (open) onOutcome(outcomeOf(open.headline, open.lines));
    open = undefined;
  };
  const take = (coloured: string) => {
    const line = stripVTControlCharacters(coloured);
    const headline = HEADLINE.exec(line);
    if (headline) {
      close();
      open = { headline, lines: [] };
    } else {
      open?.lines.push(line);
    }
  };
  return {
    read(text: string): void {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    },
    end(): void {
      if (rest !== '') take(rest);
      close();
    },
  };
}

/** Below the headline: ids of the jobs, the statement after `>`, and why it failed. */
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
