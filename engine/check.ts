import { compileProject, type Graph } from './compile.ts';
import { startedWhenNeeded } from './googlesql/started-when-needed.ts';
import { type PreparedQueries, prepareGraph } from './prepare-graph.ts';

/**
 * Checks, without a warehouse, that every model and assertion of a Dataform project compiles, that GoogleSQL accepts it
 * with the columns that `schemas/` declares, and that it can be translated to DuckDB SQL.
 *
 * @param queries accepted earlier with the same code; they are not sent again, and new ones are added
 * @returns `proved`: queries that passed; `blocked`: queries not checked because they read a refused one; `problems`: one
 *   text per refused query with file, line and reason
 */
export async function checkProject(
  projectDir: string,
  queries: PreparedQueries = new Map(),
): Promise<{ proved: number; blocked: number; problems: string[] }> {
  const graph = await compileProject(projectDir, {});
  const engine = startedWhenNeeded();
  try {
    const models = await prepareGraph(engine, { projectDir, graph, queries });
    // A unit test repeats its model's query, so an error in a model would be listed twice.
    const isSound = models.every(({ sql }) => sql !== undefined);
    const tests = isSound
      ? await prepareGraph(engine, { projectDir, graph: unitTestsOf(graph), queries })
      : [];
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
