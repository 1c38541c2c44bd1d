import { fileURLToPath } from 'node:url';
import { compileProject, type Graph } from './compile.ts';
import { startGoogleSql } from './googlesql/server.ts';
import { prepareGraph } from './prepare-graph.ts';

/**
 * Proves without a warehouse that every model and assertion of a Dataform project compiles, that GoogleSQL accepts it
 * against the columns which `schemas/` declares, and that DuckDB SQL can be written for it.
 *
 * @returns how many queries were proved, how many read one that was refused, and what is wrong: file, line, reason
 */
export async function checkProject(
  projectDir: string,
): Promise<{ proved: number; blocked: number; problems: string[] }> {
  const graph = await compileProject(projectDir, {});
  const engine = await startGoogleSql();
  try {
    const models = await prepareGraph(engine, { projectDir, graph });
    // A unit test repeats its model's query; what is wrong with that is told once.
    const isSound = models.every(({ sql }) => sql !== undefined);
    const tests = isSound ? await prepareGraph(engine, { projectDir, graph: unitTestsOf(graph) }) : [];
    const prepared = [...models, ...tests];
    const problems = prepared.flatMap(({ error }) => (error === undefined ? [] : [error]));
    const blocked = prepared.filter(({ isBlocked }) => isBlocked).length;
    return { proved: prepared.length - problems.length - blocked, blocked, problems };
  } finally {
    engine.close();
  }
}

/** Both queries of a unit test, which read nothing but themselves, as if they were assertions. */
function unitTestsOf(graph: Graph): Graph {
  const queries = graph.tests.flatMap(({ name, fileName, testQuery, expectedOutputQuery }) =>
    [testQuery, expectedOutputQuery].map((query, index) => ({
      target: { schema: 'tests', name: `${name}_${index}` },
      fileName,
      query,
    })),
  );
  return { ...graph, tables: [], assertions: queries };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { proved, blocked, problems } = await checkProject(
    fileURLToPath(new URL('../', import.meta.url)),
  ).catch((error: Error) => ({ proved: 0, blocked: 0, problems: [error.message] }));
  for (const problem of problems) console.error(problem);
  console.log(
    `${proved} queries proved by GoogleSQL, ${problems.length} refused${blocked > 0 ? `, ${blocked} read those` : ''}`,
  );
  if (problems.length > 0 || proved === 0) process.exitCode = 1;
}
