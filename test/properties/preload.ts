// Loaded before every test file by `npm test`: who imports fast-check gets it as seeded-fast-check.ts has set it up. A hook,
// so that files without property tests load nothing.
import { registerHooks } from 'node:module'

const seeded = new URL('seeded-fast-check.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== 'fast-check' || context.parentURL === seeded) return nextResolve(specifier, context)
    return { url: seeded, format: 'module-typescript', shortCircuit: true }
  },
})
