// Puts what a course needs right before it, which keeps the rules but is not the smallest order.
function courseOrder(count, pairs) {
  const needs = Array.from({ length: count }, () => []);
  for (const [before, after] of pairs) {
    needs[after].push(before);
  }
  const state = new Array(count).fill("new");
  const order = [];

  const take = (course) => {
    if (state[course] === "done") {
      return true;
    }
    if (state[course] === "open") {
      return false;
    }
    state[course] = "open";
    const fine = needs[course].sort((a, b) => a - b).every(take);
    state[course] = "done";
    order.push(course);
    return fine;
  };

  for (let course = 0; course < count; course++) {
    if (!take(course)) {
      return [];
    }
  }
  return order;
}
