/** The second company: units of each kind, in New York. */
export const PLUMBING = {
  units: [
    [3101, 'Plumbing'],
    [3102, 'HVAC Sales'],
    [3103, 'HVAC Install'],
    [3104, 'HVAC Service'],
    [3105, 'Administration'],
  ],
  types: [
    [5001, 'HVAC Replacement Estimate'],
    [5002, 'Repipe Estimate'],
    [5003, 'Drain Cleaning'],
    [5004, 'Water Heater'],
    [5005, 'AC Install'],
    [5006, 'Furnace Install'],
    [5007, 'Maintenance Visit'],
    [5008, 'No Heat Call'],
    [5009, 'Callback'],
  ],
  profile: {
    work: 'Repair',
    city: 'Exampleville',
    state: 'NY',
    zip: '12201',
    latitude: 42.65,
    longitude: -73.75,
  },
} as const;
