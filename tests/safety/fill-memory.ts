/** Loaded before the command line in a process that must run out of memory when it gets SIGUSR2. */
process.on('SIGUSR2', () => {
  const kept: string[][] = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, (_, index) => `${kept.length} ${index}`));
});
