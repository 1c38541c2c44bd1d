/**
 * A condition that leaves the entities that a night reads: those that the variable `entities` names, all if it names none.
 * An entity that was read once, or is not chosen any more, is not missing.
 */
function isChosen(column) {
  const names = dataform.projectConfig.vars.entities.split(' ').filter(Boolean);
  return names.length === 0 ? '' : `and ${column} in (${names.map((name) => `'${name}'`).join(', ')})`;
}

module.exports = { isChosen };
