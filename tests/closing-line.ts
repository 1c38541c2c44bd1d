import type { Reporter, TestModule } from 'vitest/node';

/** Ends the run with one plain line that any log reader understands: `288 passed, 0 failed, 1 skipped`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      counts.failed += module.errors().length;
      for (const test of module.children.allTests()) counts[test.result().state]++;
    }
    const { passed, failed, skipped, pending } = counts;
    // Printed on exit, after the default reporter's summary, which is written in the same turn of the event loop.
    process.on('exit', () => console.log(`${passed} passed, ${failed + pending} failed, ${skipped} skipped`));
  }
}
