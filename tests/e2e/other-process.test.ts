import { expect, onTestFinished, test } from 'vitest';
import { ownFolder, query, run, start } from './command.ts';
import { copyFirstNight } from './first-night.ts';

const KPIS = 'SELECT * FROM st_mart_v2.daily_kpis ORDER BY event_date, business_unit';

test('a sandbox in another process gives the same KPIs as the built-in sandbox', async () => {
  const inside = ownFolder();
  const outside = ownFolder();
  const sandbox = await startSandbox();
  onTestFinished(sandbox.stop);
  await copyFirstNight(inside.folder);
  expect((await run(['nightly'], { ...outside.env, ...sandbox.env })).code).toBe(0);
  const [ours, theirs] = [inside, outside].map(({ env }) => query(env.DUCKDB_PATH, KPIS));
  expect(await theirs).toEqual(await ours);
  expect((await ours)?.length).toBeGreaterThan(5000);
});

/** Starts the sandbox command on a free port; returns the settings that it prints for another terminal. */
async function startSandbox(args: readonly string[] = []) {
  let listening = () => {};
  const isListening = new Promise<void>((resolve) => {
    listening = resolve;
  });
  const env: Record<string, string> = {};
  const command = start(
    ['sandbox', '--port', '0', ...args],
    {},
    {
      onOutput(text) {
        for (const [, name = '', value = ''] of text.matchAll(/^export (\w+)=(.*)$/gm)) env[name] = value;
        if ('RUN_DATE' in env) listening();
      },
    },
  );
  await isListening;
  return {
    env,
    stop: async () => {
      command.kill('SIGTERM');
      await command.ended;
    },
  };
}
