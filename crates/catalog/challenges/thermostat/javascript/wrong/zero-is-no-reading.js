// Takes a reading of 0 for a missing one, and heats to be on the safe side.
function thermostat(reading, low, high) {
  if (!reading || reading < low) return "heat";
  return reading > high ? "cool" : "rest";
}
