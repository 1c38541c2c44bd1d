// The raw tables of every entity beyond the default set, from the rows of schemas/catalogue.json. A compilation takes the
// columns of those alone that the variable `entities` names, so that the others cost nothing.
const { entities } = require('schemas/catalogue.json');

const { defaultDatabase, vars } = dataform.projectConfig;
const chosen = vars.entities.split(' ');

/** The descriptions of columns in the notation of schemas/notation.ts: a type, known values, marks, and the description. */
function columnsOf(fields) {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => name !== '')
      .map(([name, field]) => [name, columnOf(name, Array.isArray(field) ? field[0] : field)]),
  );
}

function columnOf(name, field) {
  if (typeof field !== 'string') return { description: field[''] || asSent(name), columns: columnsOf(field) };
  return field.replace(/^[\w-]+(\{.*?\})?( \+[\w-]+)* ?/s, '') || asSent(name);
}

function asSent(name) {
  return `\`${name}\` as the API sends it.`;
}

for (const { name, module, about } of entities) {
  declare({
    database: defaultDatabase,
    schema: vars.raw_dataset,
    name: `raw_${name}`,
    description: `${about}. One row per version of a record.`,
    columns: chosen.includes(name)
      ? columnsOf(require(`schemas/catalogue/${module}.json`).columns[name])
      : {},
  });
}
