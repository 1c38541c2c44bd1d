import { UnsupportedSql } from '../../googlesql/resolved-node.ts';

/**
 * DuckDB SQL for a function. In a text, `$1`, `$2` … stand for the arguments and `$*` for all of them, separated by commas.
 * In the text of an aggregate or window function, `@name(…)` is the call that gets DISTINCT, ORDER BY, FILTER and OVER.
 */
export type Template = string | ((...args: readonly string[]) => string);

/** Templates by signature (engine/googlesql/signature.ts). `T` in a signature stands for any type, the same everywhere, and `U` for another. */
export type FunctionTable = Readonly<Record<string, Template>>;

/** The clauses of an aggregate or window call. */
export interface CallClauses {
  readonly distinct?: boolean;
  readonly orderBy?: string;
  readonly filter?: string;
  readonly ignoreNulls?: boolean;
  /** `OVER (…)`. */
  readonly over?: string;
}

export function fillTemplate(template: Template, args: readonly string[], clauses: CallClauses = {}): string {
  if (typeof template === 'function') return template(...args);
  return fillArguments(withClauses(template, clauses), args);
}

/** NULL for an error of the function itself. An error of an argument stays an error, so it is evaluated again outside. */
export function safely(sql: string, args: readonly string[]): string {
  const computed = args.filter((arg) => arg.includes('('));
  if (computed.length === 0) return `TRY(${sql})`;
  const isNull = computed.map((arg) => `${arg} IS NULL`).join(' OR ');
  return `coalesce(TRY(${sql}), CASE WHEN ${isNull} THEN NULL END)`;
}

/** The table once for each type, with the type in place of `$T` in its signatures and templates. */
export function forTypes(types: readonly string[], table: Readonly<Record<string, string>>): FunctionTable {
  const entries = types.flatMap((type) =>
    Object.entries(table).map(([signature, template]) => [
      signature.replaceAll('$T', type),
      template.replaceAll('$T', type),
    ]),
  );
  return Object.fromEntries(entries) as FunctionTable;
}

/** The value of an argument that must be a text literal, because its SQL depends on the value. */
export function literalText(sql: string | undefined, use: string): string {
  const [, value] = /^'((?:[^']|'')*)'$/.exec(sql ?? '') ?? [];
  if (value !== undefined) return value.replaceAll("''", "'");
  throw new UnsupportedSql(`${use} that is not a literal`);
}

/** The value of an argument that must be a literal whole number. */
export function literalNumber(sql: string | undefined, use: string): number {
  const [, digits] = /^CAST\((-?\d+) AS BIGINT\)$/.exec(sql ?? '') ?? [];
  if (digits !== undefined) return Number(digits);
  throw new UnsupportedSql(`${use} that is not a literal`);
}

function fillArguments(template: string, args: readonly string[]): string {
  return template.replaceAll(/\$(\d|\*|\$)/g, (_, which: string) => {
    if (which === '*') return args.join(', ');
    if (which === '$') return '$';
    const arg = args[Number(which) - 1];
    if (arg === undefined) throw new Error(`The template ${template} has no argument ${which}`);
    return arg;
  });
}

/** Writes the clauses into each `@name(…)`. Templates are filled afterwards, so arguments cannot be mistaken for calls. */
function withClauses(template: string, clauses: CallClauses): string {
  const at = template.indexOf('@');
  if (at < 0) return template;
  const open = template.indexOf('(', at);
  const close = closingParenthesis(template, open);
  const { distinct, filter, ignoreNulls } = clauses;
  // These are finished SQL, in which `$1` may be part of a name.
  const [orderBy, over] = [clauses.orderBy, clauses.over].map((sql) => sql?.replaceAll('$', '$$$$'));
  const name = template.slice(at + 1, open);
  const args = [
    distinct ? 'DISTINCT ' : '',
    template.slice(open + 1, close),
    ignoreNulls ? ' IGNORE NULLS' : '',
    orderBy ? ` ORDER BY ${orderBy}` : '',
  ].join('');
  const after = `${filter ? ` FILTER (WHERE ${filter})` : ''}${over ? ` ${over}` : ''}`;
  return `${template.slice(0, at)}${name}(${args})${after}${withClauses(template.slice(close + 1), clauses)}`;
}

function closingParenthesis(value: string, open: number): number {
  let depth = 0;
  for (let at = open; at < value.length; at++) {
    if (value[at] === '(') depth++;
    if (value[at] === ')' && --depth === 0) return at;
  }
  throw new Error(`The template ${value} has an unclosed parenthesis`);
}
