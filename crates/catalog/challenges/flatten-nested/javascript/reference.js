function flatten(items) {
  const flat = [];
  const unpack = (part) => {
    for (const item of part) {
      if (Array.isArray(item)) {
        unpack(item);
      } else {
        flat.push(item);
      }
    }
  };
  unpack(items);
  return flat;
}
