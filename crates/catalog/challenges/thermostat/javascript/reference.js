function thermostat(reading, low, high) {
  if (reading < low) return "heat";
  return reading > high ? "cool" : "rest";
}
