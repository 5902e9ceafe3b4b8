// Uses @kubernetes/client-node on one object of every kind: creates it with an informer looking on, reads, patches, replaces, lists and
// deletes it. Usage: program.mjs KUBECONFIG OBJECTS.json; CLIENT_NODE names the folder where the library is installed.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const library = createRequire(`${process.env.CLIENT_NODE}/`)('@kubernetes/client-node')
const { KubeConfig, KubernetesObjectApi, makeInformer } = library
const [, , kubeconfig, objectsFile] = process.argv
const config = new KubeConfig()
config.loadFromFile(kubeconfig)
const api = KubernetesObjectApi.makeApiClient(config)
const MERGE_PATCH = 'application/merge-patch+json'
const SEEN_TIMEOUT_MS = 10_000

for (const { object, path } of JSON.parse(readFileSync(objectsFile, 'utf8'))) {
  const { apiVersion, kind } = object
  try {
    console.log(`${apiVersion} ${kind}: ${await live(object, path)}`)
  } catch (error) {
    console.log(`${apiVersion} ${kind}: ${error.code ?? ''} ${String(error.body ?? error.message).slice(0, 300)}`)
  }
}

async function live(object, path) {
  const seen = []
  const { apiVersion, kind, metadata } = object
  const header = { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace } }
  const list = () => api.list(apiVersion, kind, metadata.namespace)
  const informer = makeInformer(config, path, list)
  for (const event of ['add', 'delete']) {
    informer.on(event, (item) => item.metadata.name === metadata.name && seen.push(event))
  }
  await informer.start()
  try {
    const created = await api.create(object)
    const labelled = { ...header, metadata: { ...header.metadata, labels: { patched: 'yes' } } }
    await api.patch(labelled, undefined, undefined, 'client-node', undefined, MERGE_PATCH)
    const read = await api.read(header)
    const replaced = await api.replace({ ...read, metadata: { ...read.metadata, annotations: { replaced: 'yes' } } })
    const listed = (await list()).items.filter((item) => item.metadata.name === metadata.name)
    await api.delete(header, undefined, undefined, 0)
    // No controller runs that would take finalizers away. (A namespace's are not in its metadata.)
    const freed = { ...header, metadata: { ...header.metadata, finalizers: null } }
    await api.patch(freed, undefined, undefined, 'client-node', undefined, MERGE_PATCH).catch(() => {})
    await until(() => seen.includes('delete') || kind === 'Namespace')
    const facts = {
      created: created.kind,
      patched: read.metadata.labels.patched,
      replaced: replaced.metadata.annotations.replaced,
    }
    return JSON.stringify({ ...facts, listed: listed.length, seen: [...new Set(seen)] })
  } finally {
    await informer.stop()
  }
}

async function until(holds) {
  const deadline = Date.now() + SEEN_TIMEOUT_MS
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('the informer has not seen the deletion')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
process.exit()
