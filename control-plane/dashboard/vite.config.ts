import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const server = process.env.SLOWLIGHT_PUBLIC_URL ?? 'http://127.0.0.1:8080';

/** Beside every script and style sheet its compressed copies, so that the server need not compress anything. */
const preCompress = (): Plugin => ({
  name: 'slowlight-pre-compress',
  apply: 'build',
  async writeBundle({ dir = 'dist' }, bundle) {
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
    for (const name of Object.keys(bundle).filter((one) => /\.(js|css|svg)$/.test(one))) {
      const file = path.join(dir, name);
      const bytes = await readFile(file);
      await writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }));
      await writeFile(`${file}.br`, brotliCompressSync(bytes, quality));
    }
  },
});

export default defineConfig({
  plugins: [react(), preCompress()],
  // The page runs under a strict CSP: no inline script, nothing inlined as data.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2023' },
  server: { proxy: { '/api': server, '/objects': server } },
});
