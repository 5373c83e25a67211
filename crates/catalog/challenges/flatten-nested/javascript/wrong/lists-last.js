// Takes the loose numbers first and the inner lists afterwards, level by level.
function flatten(items) {
  const flat = [];
  let level = items;
  while (level.length > 0) {
    flat.push(...level.filter((item) => !Array.isArray(item)));
    level = level.filter((item) => Array.isArray(item)).flat();
  }
  return flat;
}
