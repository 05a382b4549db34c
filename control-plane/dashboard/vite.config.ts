import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type Rolldown } from 'vite';

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

/** While developing, links for strangers lead to their own page, as the server does it. */
const strangersPage = (): Plugin => ({
  name: 'slowlight-strangers-page',
  configureServer: ({ middlewares }) => {
    middlewares.use((request, _answer, next) => {
      if (/^\/(s|embed)\/[\w-]{43}\/?(\?|$)/.test(request.url ?? '')) request.url = '/shared.html';
      next();
    });
  },
});

/** In which file of the first load a module belongs: that of the dashboard, that of strangers, or that of both. */
const firstLoad: Rolldown.CodeSplittingNameFunction = (id, modules) => {
  const leadsTo = new Set([id]);
  for (const one of leadsTo) for (const importer of modules.getModuleInfo(one)?.importers ?? []) leadsTo.add(importer);
  const ways = [...leadsTo].map((one) => path.basename(one));
  const [dashboard, strangers] = [ways.includes('main.tsx'), ways.includes('main-shared.tsx')];
  return dashboard && strangers ? 'both' : dashboard ? 'dashboard' : strangers ? 'shared' : null;
};

export default defineConfig({
  plugins: [react(), preCompress(), strangersPage()],
  // The page runs under a strict CSP: no inline script, nothing inlined as data.
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    rolldownOptions: {
      // A page for those who look after places, and one for strangers with a link.
      input: ['index.html', 'shared.html'],
      // What a first load needs comes in a few files that the page names, not in forty that name each other.
      output: { codeSplitting: { groups: [{ name: firstLoad, debugName: 'first load', tags: ['$initial'] }] } },
    },
  },
  server: { proxy: { '/api': server, '/objects': server } },
});
