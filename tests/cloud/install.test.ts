import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { PROJECT } from '../e2e/command.ts';
import { installEmulators } from './install.ts';

/** A folder to install into, on a machine whose only programs are those in `bin`. */
function bareMachine() {
  const folder = mkdtempSync(join(tmpdir(), 'bare-machine-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  vi.stubEnv('PATH', bin);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { folder: join(folder, 'emulators'), bin };
}

function program(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

test('installing the emulators without Python fails and says how to install it', async () => {
  const { folder } = bareMachine();
  await expect(installEmulators(folder)).rejects.toThrow(
    /There is no Python 3\.11 or newer\.\n→ Install it \(Debian 12: `apt-get install python3 python3-venv`/,
  );
});

test('installing the emulators with a Python older than 3.11 fails and says how to install it', async () => {
  const { folder, bin } = bareMachine();
  program(join(bin, 'python3'), 'exit 1');
  await expect(installEmulators(folder)).rejects.toThrow('There is no Python 3.11 or newer');
});

test("installing the emulators without venv fails with Python's own error and says how to install it", async () => {
  const { folder, bin } = bareMachine();
  program(join(bin, 'python3'), '[ "$1" = -c ] || { echo "No module named venv" >&2; exit 1; }');
  await expect(installEmulators(folder)).rejects.toThrow(
    /Python has no venv:\nNo module named venv\.\n→ .*`apt-get install python3-venv`/,
  );
});

test('installing the emulators without Go fails and says how to install it', async () => {
  const { folder } = bareMachine();
  mkdirSync(join(folder, 'python'), { recursive: true });
  copyFileSync(join(PROJECT, 'tests/cloud/requirements.txt'), join(folder, 'python/requirements.txt'));
  await expect(installEmulators(folder)).rejects.toThrow(
    /There is no Go\.\n→ Install it from https:\/\/go\.dev\/dl/,
  );
});
