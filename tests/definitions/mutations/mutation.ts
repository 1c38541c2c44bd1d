import type { Action, Graph } from '../../../engine/compile.ts';

/** A wrong definition that was once in use or proposed, as a change of one model's compiled query. */
export interface Mutation {
  /** The wrong rule in words. */
  readonly name: string;
  readonly model: string;
  /** Every occurrence is changed; `{model}` stands for a reference. */
  readonly from: string;
  readonly to: string;
}

/** How int_unit_values computes a ratio. */
export const RATIO =
  'round(100 * cast(above.value as numeric)\n    / nullif(greatest(cast(below.value as numeric), 0), 0), 2)';

/** A ratio whose weeks are the mean of their days. */
export function meanOfDays(kpi: string): string {
  return `if(ratios.kpi = '${kpi}' and above.period_start < above.period_end, (
    select round(sum(100 * day.value / nullif(whole.value, 0)) / nullif(cast(countif(whole.value <> 0) as numeric), 0), 2)
    from exact as day
    join exact as whole on whole.kpi = ratios.denominator and whole.period_start = day.period_start
      and whole.period_end = day.period_end and whole.business_unit = day.business_unit
    join {int_periods} as week on week.calendar_date = day.period_start and week.calendar_date = day.period_end
    where day.kpi = ratios.numerator and day.business_unit = above.business_unit
      and week.period_start = above.period_start and week.period_end = above.period_end
  ), ${RATIO})`;
}

/** The schema of the models that are rebuilt for a mutation, beside the right ones. */
export const MUTATED_SCHEMA = 'mutated';

/**
 * The graph with the wrong definition: the changed model and every model that reads it, directly or not, are built in a
 * separate schema.
 *
 * @throws Error when the model does not contain the text: then the mutation proves nothing.
 */
export function mutate(graph: Graph, { model, from, to }: Mutation): { graph: Graph; changed: Set<string> } {
  const relation = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const target = [...graph.tables, ...graph.declarations].find(
        (each) => each.target.name === name,
      )?.target;
      if (!target) throw new Error(`there is no model ${name}`);
      return `\`local.${target.schema}.${name}\``;
    });
  const tables = graph.tables.map((action) => {
    if (action.target.name !== model) return action;
    const query = action.query.replaceAll(relation(from), relation(to));
    if (query === action.query) throw new Error(`${model} does not contain: ${from}`);
    return { ...action, query, incrementalQuery: query, dependencyTargets: referencesIn(query) };
  });
  const changed = new Set([model]);
  for (let before = 0; before < changed.size; ) {
    before = changed.size;
    for (const { target, dependencyTargets = [] } of tables) {
      if (dependencyTargets.some(({ name }) => changed.has(name))) changed.add(target.name);
    }
  }
  const moved = tables.map((action) =>
    changed.has(action.target.name)
      ? { ...action, target: { ...action.target, schema: MUTATED_SCHEMA } }
      : action,
  );
  const assertions = graph.assertions.filter(
    ({ tags = [], dependencyTargets = [] }) =>
      !tags.includes('warning') && dependencyTargets.some(({ name }) => changed.has(name)),
  );
  return { graph: { ...graph, tables: moved, assertions }, changed };
}

function referencesIn(query: string): NonNullable<Action['dependencyTargets']> {
  const names = [...query.matchAll(/`local\.\w+\.(\w+)`/g)].map(([, name = '']) => name);
  return [...new Set(names)].map((name) => ({ name }));
}
