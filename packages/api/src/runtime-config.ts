// --runtime-config: which of the built-in resources are served. Keys, from weak to strong:
//   api/all  api/ga  api/beta  api/alpha     every version, or those of a stage
//   v1  apps/v1                              a version
//   apps/v1/daemonsets                       a resource of a version
// The texts of errors are upstream's.
import { goBooleanError, parseGoBoolean } from '@keelson/apimachinery'
import { readFacts } from './facts.ts'
import { type ServedResources, servedResources } from './served.ts'
import { builtinGroupVersions } from './table.ts'

/** The setting cannot be; `message` says why. */
export class RuntimeConfigError extends Error {
  override readonly name = 'RuntimeConfigError'
}

const STAGES: readonly (readonly [key: string, version: RegExp])[] = [
  ['api/all', /^/],
  ['api/ga', /^v\d+$/],
  ['api/beta', /^v\d+beta\d+$/],
  ['api/alpha', /^v\d+alpha\d+$/],
]
/** `entries`: `apps/v1=false`, or `apps/v1` for true; the last one of a key wins. Throws RuntimeConfigError. */
export function parseRuntimeConfig(entries: readonly string[]): ServedResources {
  const settings = new Map<string, string>()
  for (const entry of entries.filter((text) => text !== '')) {
    const [key = '', value = ''] = entry.split(/=(.*)/s, 2).map((text) => text.trim())
    if (key === 'api/legacy') continue
    settings.set(key === 'v1' || key === 'api/v1' ? '/v1' : key, value)
  }
  if (settings.size === 1 && settings.get('api/all') === 'false')
    throw new RuntimeConfigError('invalid runtime-config with only api/all=false')
  const versions = new Map(builtinGroupVersions().map(({ group, version }) => [`${group}/${version}`, true]))
  const resources = new Map<string, boolean>()
  applyStages(settings, versions)
  for (const [key, value] of specificSettings(settings))
    (key.split('/').length === 2 ? versions : resources).set(key, value)
  refuseWithoutFlowControl(settings)
  return servedResources(({ group, version, resource }) => {
    const own = resources.get(`${group}/${version}/${resource}`)
    return own ?? versions.get(`${group}/${version}`) === true
  })
}

/** The first of these that is said decides. */
function refuseWithoutFlowControl(settings: ReadonlyMap<string, string>): void {
  for (const key of ['flowcontrol.apiserver.k8s.io/v1', 'api/ga', 'api/all']) {
    const value = settings.get(key)
    if (value === 'true') return
    if (value === 'false')
      throw new RuntimeConfigError(`--runtime-config=${key}=false conflicts with --enable-priority-and-fairness=true`)
  }
}

function applyStages(settings: ReadonlyMap<string, string>, versions: Map<string, boolean>): void {
  for (const [key, pattern] of STAGES) {
    const value = settings.get(key)
    if (value === undefined) continue
    if (value !== 'true' && value !== 'false') throw new RuntimeConfigError(`invalid value ${key}=${value}`)
    for (const groupVersion of versions.keys())
      if (pattern.test(groupVersion.slice(groupVersion.indexOf('/') + 1))) versions.set(groupVersion, value === 'true')
  }
}

/** Of versions and resources. Upstream looks at the form of all keys first, then at the groups, then at the rest. */
function specificSettings(settings: ReadonlyMap<string, string>): [key: string, value: boolean][] {
  const keys = [...settings.keys()].filter((key) => !STAGES.some(([stage]) => stage === key))
  for (const key of keys) {
    const { length } = key.split('/')
    if (length !== 2 && length !== 3) throw new RuntimeConfigError(`runtime-config invalid key ${key}`)
  }
  const known = readFacts<readonly (readonly [group: string, version: string])[]>('group-versions.json')
  const unknown = keys.filter((key) => !known.some(([group]) => group === key.split('/')[0])).map(groupVersionOf)
  if (unknown.length > 0)
    throw new RuntimeConfigError(`unknown api groups ${[...new Set(unknown)].toSorted().join(',')}`)
  return keys.map((key) => [key, settingOf(key, settings.get(key) ?? '', known)])
}

const groupVersionOf = (key: string): string => key.split('/').slice(0, 2).join('/')

function settingOf(key: string, text: string, known: readonly (readonly [group: string, version: string])[]): boolean {
  const groupVersion = groupVersionOf(key)
  if (!known.some(([group, version]) => `${group}/${version}` === groupVersion))
    throw new RuntimeConfigError(`group version ${groupVersion} that has not been registered`)
  const value = text === '' ? true : parseGoBoolean(text)
  if (value === undefined)
    throw new RuntimeConfigError(`invalid value of ${key}: ${text}, err: ${goBooleanError(text)}`)
  const resource = key.split('/')[2]
  if (resource !== undefined && resource.toLowerCase() !== resource)
    throw new RuntimeConfigError(
      `invalid key ${key}: group/version/resource and resource is always lowercase plural, not ${JSON.stringify(resource)}`,
    )
  if (value) requireBuiltIn(groupVersion)
  return value
}

/** Upstream has versions, alpha and beta ones, that are not here: whoever asks for one must hear that it does not come. */
function requireBuiltIn(groupVersion: string): void {
  if (builtinGroupVersions().some(({ group, version }) => `${group}/${version}` === groupVersion)) return
  throw new RuntimeConfigError(
    `${groupVersion} is known to Kubernetes and not built into Keelson (docs/api-coverage.md lists what is)`,
  )
}
