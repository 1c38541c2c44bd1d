import { fileURLToPath } from 'node:url';
import { compileProject, type Graph } from './compile.ts';
import { startGoogleSql } from './googlesql/server.ts';
import { prepareGraph } from './prepare-graph.ts';

/**
 * Checks, without a warehouse, that every model and assertion of a Dataform project compiles, that GoogleSQL accepts it
 * with the columns that `schemas/` declares, and that it can be translated to DuckDB SQL.
 *
 * @returns `proved`: queries that passed; `blocked`: queries not checked because they read a refused one; `problems`: one
 *   text per refused query with file, line and reason
 */
export async function checkProject(
  projectDir: string,
): Promise<{ proved: number; blocked: number; problems: string[] }> {
  const graph = await compileProject(projectDir, {});
  const engine = await startGoogleSql();
  try {
    const models = await prepareGraph(engine, { projectDir, graph });
    // A unit test repeats its model's query, so an error in a model would be listed twice.
    const isSound = models.every(({ sql }) => sql !== undefined);
    const tests = isSound ? await prepareGraph(engine, { projectDir, graph: unitTestsOf(graph) }) : [];
    const prepared = [...models, ...tests];
    const problems = prepared.flatMap(({ error, excerpt }) =>
      error === undefined ? [] : [excerpt === undefined ? error : `${error}\n${excerpt}`],
    );
    const blocked = prepared.filter(({ isBlocked }) => isBlocked).length;
    return { proved: prepared.length - problems.length - blocked, blocked, problems };
  } finally {
    engine.close();
  }
}

/** Both queries of each unit test as assertions; they read no table. */
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
    `GoogleSQL accepted ${proved} queries and refused ${problems.length}${blocked > 0 ? `; ${blocked} that read a refused one were not checked` : ''}`,
  );
  if (problems.length > 0 || proved === 0) process.exitCode = 1;
}
