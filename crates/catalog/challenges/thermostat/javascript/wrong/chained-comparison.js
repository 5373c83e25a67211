// Chains comparisons, but `low <= reading` is true or false, and that is compared with `high` as 1 or 0.
function thermostat(reading, low, high) {
  if (low <= reading <= high) return "rest";
  return reading < low ? "heat" : "cool";
}
