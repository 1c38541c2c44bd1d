import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { PROJECT } from './context.ts';
import { type Body, readConfiguration } from './terraform.ts';

const run = promisify(execFile);
const runbook = readFileSync(join(PROJECT, 'docs/runbook.md'), 'utf8');

/** The shell block of the runbook that holds `text`. */
function blockWith(text: string): string {
  const blocks = [...runbook.matchAll(/^ *```sh\n(.*?)^ *```$/gms)].map(([, block = '']) => block);
  const found = blocks.filter((block) => block.includes(text));
  if (found.length !== 1) throw new Error(`${found.length} shell blocks of the runbook hold ${text}`);
  return found.join('');
}

/** Models of snapshots, which no later run can build. */
function incrementalModels(): readonly string[] {
  const folder = join(PROJECT, 'definitions/marts');
  const isIncremental = (file: string) =>
    readFileSync(join(folder, file), 'utf8').includes('type: "incremental"');
  return readdirSync(folder)
    .filter(isIncremental)
    .map((file) => file.replace('.sqlx', ''))
    .sort();
}

/** Runs a block in a real shell with fake programs that note how they were called and print what is given. */
async function carriedOut(
  block: string,
  prints: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'runbook-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, printed] of Object.entries(prints)) {
    const program = `#!/bin/sh\necho "${name} $*" >> ${join(folder, 'calls')}\ncat <<'END'\n${printed}\nEND\n`;
    await writeFile(join(folder, name), program);
    await chmod(join(folder, name), 0o755);
  }
  await run('bash', ['-euo', 'pipefail', '-c', block], {
    env: { PATH: `${folder}${delimiter}${process.env.PATH}` },
  });
  return (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
}

it('the cut-over in the runbook removes each dataset from the state, imports it and copies snapshots', async () => {
  const { datasets } = (await readConfiguration()).locals as { datasets: Body };
  // jq selects tables from the list of bq; here each list has one table.
  const prints = { bq: '[]', jq: 'raw_jobs', terraform: '' };
  const calls = (await carriedOut(blockWith('terraform state rm'), prints)).filter(
    (call) => !/^jq|^bq ls/.test(call),
  );
  const layers = ['raw', 'stage', 'mart', 'logs'];
  expect(Object.keys(datasets).sort()).toEqual(layers.toSorted());
  const address = (layer: string) => `google_bigquery_dataset.layer["${layer}"]`;
  expect(calls).toEqual([
    ...layers.map((layer) => `bq rm -f -t PROJECT:st_${layer}_v2.raw_jobs`),
    ...['raw', 'logs'].map(
      (layer) => `bq --project_id=PROJECT cp PROJECT:st_${layer}_v3.raw_jobs PROJECT:st_${layer}_v2.raw_jobs`,
    ),
    ...incrementalModels().map(
      (table) => `bq --project_id=PROJECT cp PROJECT:st_mart_v3.${table} PROJECT:st_mart_v2.${table}`,
    ),
    ...layers.flatMap((layer) => [
      `terraform state rm ${address(layer)}`,
      `terraform import ${address(layer)} projects/PROJECT/datasets/st_${layer}_v2`,
    ]),
    'terraform plan -var schedules_paused=true',
  ]);
});

/** The commands of the runbook that begin with `program`, in shell blocks and within sentences. */
function commandsOf(program: string): readonly string[] {
  const code = [...runbook.matchAll(/^ *```sh\n(.*?)^ *```$|`([^`\n]+)`/gms)].map(([, a, b]) => a ?? b ?? '');
  const lines = code.flatMap((text) => text.split('\n'));
  const found = lines.flatMap(
    (line) => line.match(new RegExp(`(?<![\\w-])${program} [a-z-][^|;&#)]*`, 'g')) ?? [],
  );
  if (found.length === 0) throw new Error(`The runbook has no command of ${program}`);
  return found;
}

it('every command of gcloud, bq and docker in the runbook names its project, and the image fits Cloud Run', () => {
  const gcloud = commandsOf('gcloud').filter((command) => !command.startsWith('gcloud auth '));
  expect(gcloud.length).toBeGreaterThan(6);
  expect(gcloud.filter((command) => !/ --project PROJECT\b/.test(command))).toEqual([]);
  // A copy and a query are jobs of the default project, whatever tables they name.
  const isJob = (command: string) => / (cp|query) /.test(command);
  const bq = commandsOf('bq');
  expect(bq.filter(isJob).length).toBeGreaterThan(2);
  expect(bq.filter((one) => !one.includes(isJob(one) ? '--project_id=PROJECT' : 'PROJECT:'))).toEqual([]);
  expect(
    commandsOf('docker').filter((one) => / build /.test(one) && !/--platform linux\/amd64/.test(one)),
  ).toEqual([]);
  expect(runbook).toContain('gcloud auth configure-docker REGION-docker.pkg.dev');
});

it('the commands in the runbook add credentials to the secrets that Terraform creates', async () => {
  const { resources } = await readConfiguration();
  const secret = resources.find(({ type }) => type === 'google_secret_manager_secret');
  expect(secret?.body.secret_id).toBe('${var.name}-${each.value}');
  const names = String(secret?.body.for_each).match(/ST_\w+/g) ?? [];
  const block = blockWith('gcloud secrets versions add');
  expect(names).toHaveLength(4);
  expect(/for name in (.*); do/.exec(block)?.[1]?.split(' ')).toEqual(names);
  expect(block).toContain('gcloud secrets versions add "NAME-$name"');
});
