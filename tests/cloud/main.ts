import { parseArgs } from 'node:util';
import { cloudSettings, startEmulators } from './emulators.ts';

const HELP = `Usage: npm run emulators

Installs emulators of BigQuery and Cloud Storage below .local/emulators/ (the first time about two minutes and 0.6 GB),
starts them on free ports of this machine, prints the settings for another terminal, and ends them on Ctrl-C. They keep
nothing. docs/emulators.md has a whole night on them, step by step.`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
if (values.help) console.log(HELP);
else {
  const { stop, ...emulators } = await startEmulators();
  for (const [name, value] of Object.entries(cloudSettings(emulators)))
    console.log(`export ${name}=${value}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
}
