/** Reads vitest's JSON report and ends the run with the line that counts; a check that failed counts as one failure. */
import { readFileSync } from 'node:fs';

const [report, check, tests] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;
try {
  const found = JSON.parse(readFileSync(report, 'utf8'));
  passed = found.numPassedTests;
  failed = found.numFailedTests;
  skipped = found.numPendingTests + found.numTodoTests;
  if (failed === 0 && found.success === false) failed = 1;
} catch {
  console.log('The tests left no report: they did not run to their end.');
  failed = 1;
}
if (passed === 0) failed += 1;
if (check !== '0') failed += 1;
if (tests !== '0' && failed === 0) failed = 1;
if (skipped > 0)
  console.log(`${skipped} tests did not run although everything they need should be here: that counts as a failure.`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed > 0 || skipped > 0 ? 1 : 0);
