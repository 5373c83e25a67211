// Uses <= for the lower bound, so that this bound itself is heated.
function thermostat(reading, low, high) {
  if (reading <= low) return "heat";
  return reading > high ? "cool" : "rest";
}
