import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTerraform, type TerraformProgram } from './provider/install.ts';
import { type Body, TERRAFORM } from './terraform.ts';

/** A resource that Terraform would create; what Google computes is absent. */
export interface PlannedResource {
  readonly address: string;
  readonly type: string;
  readonly values: Body;
}

export interface Ended {
  readonly code: number;
  /** What it printed, without the frames and breaks of its messages. */
  readonly text: string;
  readonly stdout: string;
}

export interface Planner {
  readonly program: TerraformProgram;
  /** Runs a command in an initialised copy of deploy/terraform. */
  run(args: readonly string[], folder?: string): Promise<Ended>;
  /** What Terraform would create in an empty project, with one reader of the mart. @throws Error with its messages */
  plan(variables?: Readonly<Record<string, string>>): Promise<readonly PlannedResource[]>;
  /** Replaces a text in a file of another copy, and plans. Returns Terraform's messages; empty if it found no fault. */
  faultsAfter(change: { readonly file: string; readonly from: string; readonly to: string }): Promise<string>;
  /** Terraform's messages about these variables; empty if it found no fault. */
  faultsWith(variables: Readonly<Record<string, string>>): Promise<string>;
  close(): void;
}

const VARIABLES = {
  project_id: 'acme-kpis',
  alert_email: 'data@example.com',
  mart_readers: '["serviceAccount:looker@acme-kpis.iam.gserviceaccount.com"]',
  image: `us-west1-docker.pkg.dev/acme-kpis/servicetitan-kpis/app@sha256:${'0'.repeat(64)}`,
};

/** Copies deploy/terraform, with a local state in place of the bucket, and initialises it. */
export async function startPlanner(): Promise<Planner> {
  const program = await installTerraform();
  const root = mkdtempSync(join(tmpdir(), 'terraform-'));
  const folder = join(root, 'whole');
  cpSync(TERRAFORM, folder, { recursive: true });
  writeFileSync(join(folder, 'state_override.tf'), 'terraform {\n  backend "local" {}\n}\n');
  let copies = 0;

  const run = (args: readonly string[], cwd = folder) =>
    new Promise<Ended>((resolve) => {
      const options = { cwd, env: program.env, maxBuffer: 1 << 26 };
      execFile(program.name, [...args], options, (error, stdout, stderr) => {
        const text = `${stdout}\n${stderr}`.replaceAll(/[│╷╵]/g, ' ').replaceAll(/\s+/g, ' ');
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), text, stdout });
      });
    });
  const plan = (variables: Readonly<Record<string, string>>, cwd = folder) => {
    const given = Object.entries({ ...VARIABLES, ...variables }).map(
      ([name, value]) => `-var=${name}=${value}`,
    );
    return run(
      ['plan', '-no-color', '-input=false', '-refresh=false', '-lock=false', '-out=plan', ...given],
      cwd,
    );
  };
  const init = await run(['init', '-no-color', '-input=false']);
  if (init.code !== 0) throw new Error(init.text);

  return {
    program,
    run,
    async plan(variables = {}) {
      const planned = await plan(variables);
      if (planned.code !== 0) throw new Error(planned.text);
      const shown = JSON.parse((await run(['show', '-json', 'plan'])).stdout) as {
        resource_changes: readonly {
          address: string;
          type: string;
          change: { actions: string[]; after: Body };
        }[];
      };
      return shown.resource_changes
        .filter(({ change }) => change.actions.join() === 'create')
        .map(({ address, type, change }) => ({ address, type, values: change.after }));
    },
    async faultsAfter({ file, from, to }) {
      const copy = join(root, `copy-${++copies}`);
      cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
      const text = readFileSync(join(copy, file), 'utf8');
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
      writeFileSync(
        join(copy, file),
        text.replace(from, () => to),
      );
      const planned = await plan({}, copy);
      return planned.code === 0 ? '' : planned.text;
    },
    async faultsWith(variables) {
      const planned = await plan(variables);
      return planned.code === 0 ? '' : planned.text;
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
