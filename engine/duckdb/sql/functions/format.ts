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
          `FORMAT with ${part} of ${type}; %d, %'d, %05d, %s, %10s, %t, %.2f, %'.2f and %+8.2f work`,
        );
      }
      return written;
    });
  return parts.length > 0 ? `(${parts.join(' || ')})` : "''";
}

function directive(arg: string, type: string, wanted: Directive): string | undefined {
  const { flags, width, kind } = wanted;
  // DuckDB knows these itself, also filled with zeros.
  if (/[di]/.test(kind) && type === 'INT64' && ['', '-', '0'].includes(flags))
    return `printf('%${flags}${width}d', ${arg})`;
  if (flags.includes('0')) return undefined;
  const body = withoutWidth(arg, type, wanted);
  if (body === undefined || width === '') return body;
  return `googlesql.${flags.includes('-') ? 'padded_right' : 'padded'}(${body}, ${width})`;
}

function withoutWidth(arg: string, type: string, { flags, precision, kind }: Directive): string | undefined {
  const shown = flags.replace('-', '');
  if (kind === 't' && shown === '' && precision === undefined) return plain(arg, type);
  if (kind === 's' && shown === '' && precision === undefined) return type === 'STRING' ? arg : undefined;
  if (!/^'?\+?$|^\+'$/.test(shown)) return undefined;
  const number = unsigned(arg, type, kind, precision, shown.includes("'"));
  if (number === undefined || !shown.includes('+')) return number;
  return `(CASE WHEN ${number} LIKE '-%' THEN '' ELSE '+' END || ${number})`;
}

function unsigned(
  arg: string,
  type: string,
  kind: string,
  precision: string | undefined,
  isGrouped: boolean,
): string | undefined {
  if (/[di]/.test(kind)) {
    if (type !== 'INT64' || precision !== undefined) return undefined;
    return `format('{:${isGrouped ? ',' : ''}}', ${arg})`;
  }
  if (kind !== 'f' || precision === undefined) return undefined;
  if (type === 'NUMERIC') return decimal(arg, Number(precision), isGrouped);
  return type === 'DOUBLE' ? `format('{:${isGrouped ? ',' : ''}.${precision}f}', ${arg})` : undefined;
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
