// How this command starts itself again: for replicas, and for a cluster in the background.
import { fileURLToPath } from 'node:url'

export function ownCommand(...args: readonly string[]): { readonly command: string; readonly args: readonly string[] } {
  return { command: process.execPath, args: [fileURLToPath(new URL('../bin/keelson.mjs', import.meta.url)), ...args] }
}
