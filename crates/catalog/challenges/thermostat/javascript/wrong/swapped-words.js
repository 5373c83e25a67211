// Heats when it is warm and cools when it is cold.
function thermostat(reading, low, high) {
  if (reading < low) return "cool";
  return reading > high ? "heat" : "rest";
}
