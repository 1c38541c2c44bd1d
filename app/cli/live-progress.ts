import { stripVTControlCharacters } from 'node:util';
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { printable } from '../../base/printable.ts';
import type { Config } from '../../extract/config.ts';
import type { ExtractEvent } from '../../extract/events.ts';
import { changedText } from '../../extract/load/receipt.ts';
import type { CommandContext } from '../pipeline/context.ts';
import { createLog, logProgress } from '../pipeline/log.ts';
import type { Progress } from '../pipeline/progress.ts';
import { WIDTH } from './wrapped.ts';

/** A live line per entity on a terminal, else one JSON line per event. */
export function createProgress(context: CommandContext, logLevel: Config['logLevel']): Progress {
  return context.stderr.isTTY ? liveLines(context) : logProgress(createLog(context, logLevel));
}

interface Line {
  phase: string;
  rows: number;
  pages: number;
  startedMs: number;
  fraction: number | undefined;
  note: string;
}

const REFRESH_MS = 100;

function liveLines({ stderr, now }: CommandContext): Progress {
  const update = createLogUpdate(stderr);
  const lines = new Map<string, Line>();
  let models = { passed: 0, failed: 0, last: '' };
  let hasEnded = false;
  const render = () => {
    const width = Math.max(10, ...[...lines.keys()].map((name) => name.length));
    const shown = [...lines].map(
      ([name, line]) => `${name.padEnd(width)}  ${lineText(line, now().getTime())}`,
    );
    if (models.last)
      shown.push(
        `models and checks  ${models.passed} passed, ${models.failed} with findings  ${pc.dim(models.last)}`,
      );
    update(shown.map((line) => cut(line, stderr.columns || WIDTH)).join('\n'));
  };
  const timer = setInterval(render, REFRESH_MS).unref();
  const lineOf = (entity: string): Line => {
    const line = lines.get(entity) ?? {
      phase: 'waiting',
      rows: 0,
      pages: 0,
      startedMs: now().getTime(),
      fraction: undefined,
      note: '',
    };
    lines.set(entity, line);
    return line;
  };
  return {
    say(sentence) {
      // After the end the lines stay where they are.
      if (hasEnded) return void stderr.write(`${sentence}\n`);
      update.clear();
      stderr.write(`${sentence}\n`);
      render();
    },
    extract: (event) => note(lineOf(event.entity), event, now().getTime()),
    transform({ name, status }) {
      models = { ...models, last: name };
      if (status === 'passed') models.passed++;
      else models.failed++;
    },
    cost() {},
    night() {},
    end() {
      // A second call would print the lines again below later output.
      if (hasEnded) return;
      hasEnded = true;
      clearInterval(timer);
      render();
      update.done();
    },
  };
}

/**
 * Cuts a line at the terminal's width: a wrapped one would move the lines below it at each refresh. The whole text of an
 * error follows with the results.
 */
export function cut(line: string, width: number): string {
  const plain = stripVTControlCharacters(line);
  // The colours go with the rest of the line; a cut escape sequence would colour everything after it.
  return plain.length <= width ? line : `${plain.slice(0, width - 1)}…`;
}

function note(line: Line, event: ExtractEvent, nowMs: number): void {
  switch (event.type) {
    case 'phase':
      line.phase = event.phase;
      if (event.phase === 'reading') line.startedMs = nowMs;
      return;
    case 'page':
      line.rows = event.rows;
      line.pages = event.pages;
      line.fraction = event.fraction;
      return;
    case 'report':
      line.phase = 'done';
      line.note = `${event.lines} lines`;
      return;
    case 'retry':
      line.note = `retry in ${Math.ceil(event.delayMs / 1000)} s: ${event.reason}`;
      return;
    case 'stale-token':
      line.note = 'the API rejected the stored continuation token; reading from the watermark';
      return;
    case 'smaller-page':
      line.note = `pages of ${event.rows} rows, because larger ones came cut off`;
      return;
    case 'filter-ignored':
      line.note = `the API ignored ${event.parameters}; read in another way`;
      return;
    case 'unknown-fields':
      line.note = `unknown fields: ${Object.keys(event.fields).join(', ')}`;
      return;
    case 'rejected':
      line.note = `${event.rows} rejected`;
      return;
    case 'recovered':
      line.note = `${event.error ? 'could not load' : 'loaded'} pages that an earlier ${event.repeat ?? 'run'} landed`;
      if (event.repeat) line.note += ': run it again';
      return;
    case 'done':
      line.phase = 'done';
      line.note = [changedText(event.receipt), line.note].filter(Boolean).join('; ');
      return;
    case 'failed':
      line.phase = 'failed';
      line.note = event.error;
  }
}

const MARKS: Readonly<Record<string, string>> = {
  done: pc.green('✓'),
  failed: pc.red('✗'),
  waiting: pc.dim('·'),
};

function lineText(line: Line, nowMs: number): string {
  const seconds = Math.max((nowMs - line.startedMs) / 1000, 0.001);
  const isRunning = line.phase === 'reading' || line.phase === 'loading';
  const parts = [
    MARKS[line.phase] ?? pc.cyan('→'),
    line.phase.padEnd(7),
    line.pages > 0 ? `${line.rows.toLocaleString('en')} rows, ${line.pages} pages` : '',
    isRunning && line.rows > 0 ? `${Math.round(line.rows / seconds).toLocaleString('en')}/s` : '',
    isRunning && line.fraction !== undefined ? `${Math.floor(line.fraction * 100)} %` : '',
    pc.dim(printable(line.note)),
  ];
  return parts.filter(Boolean).join('  ');
}
