// Goes through a text, in which an empty list becomes an empty piece and then the number 0.
function flatten(items) {
  return items.toString().split(",").map(Number);
}
