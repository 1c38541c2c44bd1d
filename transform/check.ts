import { fileURLToPath } from 'node:url';
import { compileProject } from './compile.ts';
import { startGoogleSql } from './googlesql.ts';
import { prepareGraph } from './prepare.ts';

/**
 * Proves without a warehouse that every model and assertion of a Dataform project compiles, that GoogleSQL accepts it
 * against the columns which `schemas/` declares, and that DuckDB SQL can be written for it.
 *
 * @returns how many queries were proved, and what is wrong with the others: file, line, reason
 */
export async function checkProject(projectDir: string): Promise<{ proved: number; problems: string[] }> {
  const graph = await compileProject(projectDir, {});
  const engine = await startGoogleSql();
  const prepared = await prepareGraph(engine, { projectDir, graph }).finally(() => engine.close());
  const problems = prepared.flatMap(({ error }) => (error === undefined ? [] : [error]));
  return { proved: prepared.length - problems.length, problems };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { proved, problems } = await checkProject(fileURLToPath(new URL('../', import.meta.url))).catch(
    (error: Error) => ({ proved: 0, problems: [error.message] }),
  );
  for (const problem of problems) console.error(problem);
  console.log(`${proved} queries proved by GoogleSQL, ${problems.length} refused`);
  if (problems.length > 0 || proved === 0) process.exitCode = 1;
}
