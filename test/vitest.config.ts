import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes a minute or more; begun last, it would run alone at the end. */
const LONG = [
  'stories/',
  'deploy/debian-package',
  'contracts/object-store-s3',
  'contracts/records-postgres',
  'browser/',
];
const isLong = ({ moduleId }: TestSpecification) => LONG.some((part) => moduleId.includes(`/test/${part}`));

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // One more than CI has cores: the stories spend most of their time waiting for real programs.
    maxWorkers: 3,
    sequence: { sequencer: LongOnesFirst },
    reporters: ['default'],
  },
});
