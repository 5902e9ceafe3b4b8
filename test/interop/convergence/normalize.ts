// What two servers can share of an object: uids, revisions, times, addresses, generated names and the nodes that the scheduler drew
// are replaced by what they are.
import type { KubeObject } from '@keelson/apimachinery'
import { type JsonMap, isMap } from '../../conformance/exchange.ts'

/** Of Kubernetes' random suffixes: no vowels, nothing that looks like another. */
const RANDOM_SUFFIX = /-[bcdfghjklmnpqrstvwxz2456789]{5}$/

/** `web-5d8f-x7k2p` → `web-5d8f-*`, `cron-29391234-x7k2p` → `cron-<minute>-*` */
export const withoutRandomSuffix = (name: string): string => withoutMinute(name).replace(RANDOM_SUFFIX, '-*')

/** A Job of a CronJob is named by the minute for which it was made. */
const withoutMinute = (name: string): string => name.replace(/-\d{8}(?=-|$)/, '-<minute>')

/** Which of several equal volumes a claim got was the binder's choice. */
const withoutNumberInPool = (name: string): string => name.replace(/^pool-\d$/, 'pool-*')

export function nameOf({ metadata: { name = '', generateName } }: KubeObject): string {
  if (generateName !== undefined && name.startsWith(generateName)) return `${withoutMinute(generateName)}*`
  return withoutNumberInPool(withoutMinute(withoutAddresses(name)))
}

/** Keys sorted, so that equal objects are equal texts. */
export function normalize(object: KubeObject): JsonMap {
  const { metadata } = object
  const copy = walk(object, '', relativeTo(metadata.generation)) as JsonMap & { metadata: JsonMap } // An object stays one.
  copy.metadata['name'] = nameOf(object)
  // Steps of a roll-out, and changes that a controller saw as one: as many as it happened to need.
  if (object.kind === 'ReplicaSet' || object.kind === 'EndpointSlice') delete copy.metadata['generation']
  if (object.kind === 'Pod' && !isPinned(object) && isMap(copy['spec']) && 'nodeName' in copy['spec'])
    copy['spec']['nodeName'] = '<node>'
  if (object.kind === 'Pod') withoutWaiting(copy.metadata)
  if (object.kind === 'EndpointSlice') withoutEmptyAnnotations(copy)
  // Prose of upstream, of which the two built-in classes here have none.
  if (object.kind === 'PriorityClass') {
    delete copy['description']
    delete copy.metadata['managedFields']
  }
  return copy
}

/** Whether a Pod had to wait for its node, which the scheduler then said of it, is chance. */
function withoutWaiting(metadata: JsonMap): void {
  const entries = metadata['managedFields']
  if (Array.isArray(entries))
    metadata['managedFields'] = entries.filter((entry) => !isMap(entry) || entry['manager'] !== 'kube-scheduler')
}

/** A DaemonSet's Pod is where it must be; all others are where the scheduler put them. */
const isPinned = ({ metadata }: KubeObject): boolean =>
  metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet') ?? false

/** What is left of them without the trigger. */
function withoutEmptyAnnotations(value: unknown): void {
  if (Array.isArray(value)) value.forEach(withoutEmptyAnnotations)
  if (!isMap(value)) return
  for (const [name, child] of Object.entries(value)) {
    withoutEmptyAnnotations(child)
    if (/^(f:)?annotations$/.test(name) && isMap(child) && Object.keys(child).every((key) => key === '.'))
      delete value[name]
  }
}

/** A trigger is written when a slice changes by a Pod that changed, not when it is made with all of them. */
const LEFT_OUT = new Set([
  'resourceVersion',
  'endpoints.kubernetes.io/last-change-trigger-time',
  'f:endpoints.kubernetes.io/last-change-trigger-time',
])

type Observed = (value: unknown) => unknown

const relativeTo =
  (generation: number | undefined): Observed =>
  (observed) =>
    generation === undefined ? observed : observed === generation ? '<current>' : '<behind>'

function walk(value: unknown, key: string, observed: Observed): unknown {
  if (key === 'observedGeneration') return observed(value)
  if (typeof value === 'number' && /nodePort/i.test(key) && value !== 0) return '<port>'
  if (typeof value === 'string') return text(value, key)
  if (Array.isArray(value))
    return inOrder(
      value.map((item) => walk(item, key, observed)),
      key,
    )
  if (!isMap(value)) return value
  const entries = Object.keys(value)
    .filter((name) => !LEFT_OUT.has(name) && (name !== 'time' || value['fieldsV1'] === undefined))
    .sort()
    .map((name): [string, unknown] => [withoutAddresses(withoutUids(name)), walk(value[name], name, observed)])
  return Object.fromEntries(entries)
}

const HIDDEN: Readonly<Record<string, string>> = {
  token: '<token>',
  'ca.crt': '<certificate>',
  'client-ca-file': '<certificate>',
}

function text(value: string, key: string): string {
  const hidden = HIDDEN[key]
  if (hidden !== undefined) return hidden
  if (key === 'nodeName' && value !== '') return value // The caller decides.
  const withoutTimes = value.replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
  const withoutPlaces = withoutAddresses(withoutUids(withoutTimes))
  return withoutNumberInPool(withoutRandomSuffix(withoutRandomNames(withoutPlaces)))
}

/** Names in a message. */
const withoutRandomNames = (value: string): string =>
  value.replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}(?=[\s\\",.:/])/g, '-*')

const withoutUids = (value: string): string =>
  value.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')

const withoutAddresses = (value: string): string => value.replace(/\b10\.(?:96|1[2-9]\d)\.\d+\.\d+\b/g, '<address>')

/** Lists whose order is nobody's choice. */
const SETS = new Set(['conditions', 'managedFields', 'endpoints', 'volumesAttached', 'finalizers', 'secrets'])

function inOrder(items: unknown[], key: string): unknown[] {
  if (key === 'endpoints') for (const item of items) if (isMap(item)) delete item['nodeName']
  if (!SETS.has(key)) return items
  return items
    .map((item) => ({ item, text: JSON.stringify(item) }))
    .sort((one, other) => (one.text < other.text ? -1 : 1))
    .map(({ item }) => item)
}
