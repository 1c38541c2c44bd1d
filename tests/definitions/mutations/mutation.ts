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
  'round(ratios.factor * cast(above.value as numeric)\n    / nullif(greatest(cast(below.value as numeric), 0), 0), 2)';

/** A ratio whose weeks are the mean of their days: a change of int_kpi_values. */
export function meanOfDays(kpi: string): Pick<Mutation, 'model' | 'from' | 'to'> {
  return {
    model: 'int_kpi_values',
    from: 'unit_values.value,',
    to: `if(unit_values.kpi = '${kpi}' and unit_values.period_start < unit_values.period_end, (
      select round(sum(day.value) / nullif(cast(count(day.value) as numeric), 0), 2)
      from {int_unit_values} as day
      join {int_calendar} as calendar on calendar.calendar_date = day.period_start
      where day.period_end = calendar.calendar_date and day.kpi = unit_values.kpi
        and day.business_unit = unit_values.business_unit and calendar.week_start = unit_values.period_start
    ), unit_values.value) as value,`,
  };
}

/**
 * The graph with the wrong definition, and the models that differ: the changed one and every model that reads it, directly
 * or not.
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
  const assertions = graph.assertions.filter(
    ({ tags = [], dependencyTargets = [] }) =>
      !tags.includes('warning') && dependencyTargets.some(({ name }) => changed.has(name)),
  );
  return { graph: { ...graph, tables, assertions }, changed };
}

function referencesIn(query: string): NonNullable<Action['dependencyTargets']> {
  const names = [...query.matchAll(/`local\.\w+\.(\w+)`/g)].map(([, name = '']) => name);
  return [...new Set(names)].map((name) => ({ name }));
}
