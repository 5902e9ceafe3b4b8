// Puts etcd and haproxy where tests find them (node_modules/.cache/keelson/bin), unless they are on PATH.
import { findBinaries } from '@keelson/cluster'

try {
  const { description } = await findBinaries((text) => console.log(`Fetching ${text}.`))
  console.log(`Tests run on ${description}.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
