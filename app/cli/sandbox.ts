import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { ConfigurationError } from '../../base/errors.ts';
import { SANDBOX_RUN_DATE } from '../../sandbox/clock.ts';
import type { FaultRule } from '../../sandbox/faults/faults.ts';
import { parseFaultRules } from '../../sandbox/faults/parse-rules.ts';
import { sandboxListing } from '../../sandbox/listing.ts';
import { startSandbox } from '../../sandbox/server.ts';
import { COMPANIES, type Company } from '../../sandbox/tenant.ts';
import type { CommandContext } from '../pipeline/context.ts';

interface SandboxOptions {
  readonly port: number;
  readonly runDate: string;
  readonly seed: number;
  readonly scale: number;
  readonly live?: boolean;
  readonly company: Company;
  readonly faults?: string;
}

export function addSandbox(program: Command, context: CommandContext): void {
  program
    .command('sandbox')
    .description('Serve a stand-in ServiceTitan tenant with synthetic records until stopped.')
    .addOption(
      new Option('--port <number>', 'loopback port, 0 for a free one').argParser(wholeNumber).default(8099),
    )
    .addOption(
      new Option('--run-date <date>', "the tenant's last day").default(
        context.env.RUN_DATE ?? SANDBOX_RUN_DATE,
      ),
    )
    .addOption(
      new Option('--seed <number>', 'changes people and amounts, but not the KPIs')
        .argParser(wholeNumber)
        .default(1),
    )
    .addOption(
      new Option('--scale <factor>', 'multiplies the ordinary jobs outside the calibrated weeks')
        .argParser(positive)
        .default(1),
    )
    .addOption(new Option('--live', 'records in the forms of live answers, and unusual ones; the same KPIs'))
    .addOption(
      new Option('--company <name>', 'whose records: only the painting company has calibrated weeks')
        .choices(COMPANIES)
        .default('painting'),
    )
    .addOption(new Option('--faults <file>', 'JSON list of faults, see docs/sandbox.md'))
    .action(async (options: SandboxOptions) => {
      const { port, runDate, seed, scale, company, live = false } = options;
      const faults = options.faults === undefined ? [] : await readFaults(options.faults);
      const sandbox = await startSandbox({ port, runDate, seed, scale, live, company, faults });
      context.stderr.write('A sandbox tenant is listening; stop it with Ctrl-C. In another terminal:\n\n');
      context.stdout.write(
        `${sandboxListing(sandbox).replace(/^/gm, 'export ')}\nexport RUN_DATE=${runDate}\n`,
      );
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve, { once: true }));
      await sandbox.close();
    });
}

async function readFaults(file: string): Promise<readonly FaultRule[]> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new ConfigurationError(
      [`--faults ${file}: ${error.message}`],
      'docs/sandbox.md shows the format of the file.',
    );
  });
  return parseFaultRules(text, file);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number >= 0)) throw new InvalidArgumentError('It must be a number of 0 or more.');
  return number;
}
