import pino, { type Logger } from 'pino';
import type { Config } from '../../extract/config.ts';
import { changedText } from '../../extract/load/receipt.ts';
import type { CommandContext } from './context.ts';
import { costText } from './cost.ts';
import type { Progress } from './progress.ts';

/** Writes JSON lines to stderr. */
export function createLog({ stderr }: CommandContext, level: Config['logLevel']): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stderr);
}

/** One log line per event. */
export function logProgress(log: Logger): Progress {
  return {
    say: (sentence) => log.info(sentence),
    extract(event) {
      const severity = {
        failed: 'error',
        retry: 'warn',
        rejected: 'warn',
        'unknown-fields': 'warn',
        'stale-token': 'warn',
        'smaller-page': 'warn',
        'filter-ignored': 'warn',
      } as const;
      const result = event.type === 'done' ? `: ${changedText(event.receipt)}` : '';
      log[severity[event.type as keyof typeof severity] ?? 'info'](
        event,
        `${event.entity} ${event.type}${result}`,
      );
    },
    transform({ sample: _, ...result }) {
      log[result.status === 'passed' ? 'debug' : 'warn'](result, `${result.name} ${result.status}`);
    },
    cost: (cost) => log.info({ type: 'cost', ...cost }, costText(cost)),
    night: (summary) =>
      log.info({ type: 'night', ...summary }, `night of ${summary.runDate} ${summary.verdict}`),
    end() {},
  };
}
