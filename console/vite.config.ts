import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The platform to talk to while developing: `SLIPWAY_URL=http://host:8700 npm run dev`.
const server = process.env.SLIPWAY_URL ?? 'http://127.0.0.1:8700'
const proxy = { '/api': { target: server, changeOrigin: true, ws: true } }

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { proxy },
  preview: { proxy },
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    target: 'es2022',
    // ECharts is one lazy chunk of about this size; everything else stays well below.
    chunkSizeWarningLimit: 700,
  },
  test: {
    environment: 'jsdom',
    globals: false,
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    testTimeout: 20_000, // a busy machine draws a table slowly
  },
})
