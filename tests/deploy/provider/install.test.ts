import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { installTerraform } from './install.ts';

/** A PATH on which there are only these programs, each of which prints the text given. */
function onlyOnPath(programs: Readonly<Record<string, string>>): void {
  const folder = mkdtempSync(join(tmpdir(), 'path-'));
  for (const [name, printed] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho '${printed}'\n`);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
}

it('without Terraform and OpenTofu the tests fail, and say how to get one', async () => {
  onlyOnPath({});
  await expect(installTerraform()).rejects.toThrow(
    /There is no Terraform or OpenTofu 1\.9 or newer\.\n→ Put one on the PATH: https:/,
  );
});

it('with an old Terraform alone the tests fail, and say which one there is', async () => {
  onlyOnPath({ terraform: '{"terraform_version":"1.5.7"}' });
  await expect(installTerraform()).rejects.toThrow('1.9 or newer, only terraform 1.5.7.');
});

it('with OpenTofu but without Go the tests fail, and say how to get it', async () => {
  onlyOnPath({ tofu: '{"terraform_version":"1.10.0"}' });
  await expect(installTerraform()).rejects.toThrow(/There is no Go\.\n→ Install it from https:/);
});
