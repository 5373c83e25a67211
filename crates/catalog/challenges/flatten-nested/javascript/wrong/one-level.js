// flat() without an argument removes only one level of nesting.
function flatten(items) {
  return items.flat();
}
