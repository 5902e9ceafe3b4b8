import manifest from '../package.json' with { type: 'json' }

/** Keelson's own version; the version of Kubernetes that it serves is the server's business. */
export const VERSION: string = manifest.version
