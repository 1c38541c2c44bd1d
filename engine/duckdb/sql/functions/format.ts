import { UnsupportedSql } from '../../../googlesql/resolved-node.ts';
import { literalText } from '../template.ts';
import { text } from '../types.ts';

/** `%[flags][width][.precision]kind`. */
const DIRECTIVE = /(%%|%['\-+ 0#]*\d*(?:\.\d+)?[a-zA-Z])/;

interface Directive {
  readonly flags: string;
  readonly width: string;
  readonly precision: string | undefined;
  readonly kind: string;
}

/**
 * FORMAT, built from a text for each directive.
 *
 * @param types the types of `args`, as signatures have them
 */
export function formatSql(
  pattern: string | undefined,
  args: readonly string[],
  types: readonly string[],
): string {
  let next = 0;
  const parts = literalText(pattern, 'a FORMAT')
    .split(DIRECTIVE)
    .filter((part) => part !== '')
    .map((part) => {
      if (part === '%%') return text('%');
      const [, flags = '', width = '', precision, kind] =
        /^%(['\-+ 0#]*)(\d*)(?:\.(\d+))?([a-zA-Z])$/.exec(part) ?? [];
      if (kind === undefined) return text(part);
      const [arg, type] = [args[next], types[next]];
      next++;
      const written =
        arg === undefined || type === undefined
          ? undefined
          : directive(arg, type, { flags, width, precision, kind });
      if (written === undefined) {
        throw new UnsupportedSql(
          `FORMAT with ${part} of ${type}; %d, %'d, %05d, %s, %t, %.2f and %'.2f work`,
        );
      }
      return written;
    });
  return parts.length > 0 ? `(${parts.join(' || ')})` : "''";
}

function directive(
  arg: string,
  type: string,
  { flags, width, precision, kind }: Directive,
): string | undefined {
  if (precision !== undefined) {
    if (kind !== 'f' || width !== '' || !['', "'"].includes(flags)) return undefined;
    return type === 'NUMERIC'
      ? decimal(arg, Number(precision), flags !== '')
      : float(arg, type, precision, flags);
  }
  if (kind === 't' && flags === '' && width === '') return plain(arg, type);
  if (kind === 's' && type === 'STRING' && flags === '' && width === '') return arg;
  if (!/[di]/.test(kind) || type !== 'INT64') return undefined;
  if (flags === "'" && width === '') return `format('{:,}', ${arg})`;
  return ['', '-', '0'].includes(flags) ? `printf('%${flags}${width}d', ${arg})` : undefined;
}

function float(arg: string, type: string, precision: string, flags: string): string | undefined {
  return type === 'DOUBLE' ? `format('{:${flags && ','}.${precision}f}', ${arg})` : undefined;
}

/** A NUMERIC with a fixed number of decimals, rounded half away from zero. */
function decimal(arg: string, digits: number, isGrouped: boolean): string | undefined {
  if (digits > 9) return undefined;
  const rounded = `CAST(round(${arg}, ${digits}) AS DECIMAL(38,${digits}))`;
  if (!isGrouped) return `CAST(${rounded} AS VARCHAR)`;
  const sign = `CASE WHEN ${rounded} < 0 THEN '-' ELSE '' END`;
  const whole = `format('{:,}', CAST(trunc(abs(${rounded})) AS BIGINT))`;
  const fraction = digits === 0 ? '' : ` || right(CAST(${rounded} AS VARCHAR), ${digits + 1})`;
  return `(${sign} || ${whole}${fraction})`;
}

function plain(arg: string, type: string): string | undefined {
  if (!['STRING', 'NUMERIC', 'INT64', 'DATE', 'BOOL'].includes(type)) return undefined;
  const written = type === 'NUMERIC' ? `googlesql.numeric_text(${arg})` : `CAST(${arg} AS VARCHAR)`;
  return `coalesce(${written}, 'NULL')`;
}
