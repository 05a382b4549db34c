import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.SLOWLIGHT_PUBLIC_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  // The page runs under a strict CSP: no inline script, nothing inlined as data.
  build: { assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2023' },
  server: { proxy: { '/api': server, '/objects': server } },
});
