import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // One more than CI has cores: the stories spend most of their time waiting for real programs.
    maxWorkers: 3,
    reporters: ['default'],
  },
});
