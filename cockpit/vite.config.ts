import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

/** The pages under `/admin`: served by the API from where they are built. */
export default defineConfig({
  base: '/admin/',
  plugins: [preact()],
  build: {
    outDir: '../dist/cockpit-pages',
    emptyOutDir: true,
    target: 'es2022',
    // A page under a strict policy: nothing in data: URLs but small images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
