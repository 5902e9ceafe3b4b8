// What the documents say of operations, parameters and answers. The facts hold no prose; an operation's description follows from
// its verb and kind, that of a parameter is Keelson's own.
import { METHODS, type Operation, type Parameter, type PathItem, type SecurityScheme } from './document-parts.ts'

/** A copy of `item` with descriptions. */
export function describePathItem(path: string, item: PathItem): PathItem {
  const described: Record<string, unknown> = {}
  const kind = METHODS.map((method) => item[method]?.[KIND]?.kind).find((name) => name !== undefined) ?? ''
  for (const method of METHODS) {
    const operation = item[method]
    if (operation !== undefined) described[method] = describeOperation(path, method, operation, kind)
  }
  if (item.parameters !== undefined)
    described['parameters'] = item.parameters.map((parameter) => describeParameter(parameter, kind))
  return described as PathItem // Each member above is the described form of the item's own.
}

const KIND = 'x-kubernetes-group-version-kind'

function describeOperation(path: string, method: string, operation: Operation, kind: string): Operation {
  const { tags, parameters, responses, ...rest } = operation
  return {
    tags,
    description: operationDescription(path, method, operation),
    ...rest,
    ...(parameters !== undefined && { parameters: parameters.map((parameter) => describeParameter(parameter, kind)) }),
    responses: Object.fromEntries(
      Object.entries(responses).map(([code, response]) => [
        code,
        { description: ANSWERS[code] ?? 'Answer', ...response },
      ]),
    ),
  }
}

const ANSWERS: Readonly<Record<string, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  401: 'Unauthorized',
}

/** By `x-kubernetes-action`; `S` is the subresource, `K` the kind with its article where one is needed. */
function operationDescription(path: string, method: string, operation: Operation): string {
  const subresource = /\{name\}\/(\w+)/.exec(path)?.[1]
  const kind = kindOf(operation, subresource)
  const article = /^[AEIOU]/.test(kind) ? 'an ' : 'a '
  // The kind that is a plural itself.
  const one = kind.endsWith('points') ? kind : article + kind
  const specified = subresource === undefined ? `the specified ${kind}` : `${subresource} of the specified ${kind}`
  switch (operation['x-kubernetes-action']) {
    case 'list':
      return `${operation.operationId.includes('ComponentStatus') ? 'list' : 'list or watch'} objects of kind ${kind}`
    case 'watchlist':
      return `watch individual changes to a list of ${kind}. deprecated: use the 'watch' parameter with a list operation instead.`
    case 'watch':
      return `watch changes to an object of kind ${kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`
    case 'deletecollection':
      return `delete collection of ${kind}`
    case 'get':
      return `read ${specified}`
    case 'put':
      return `replace ${specified}`
    case 'patch':
      return `partially update ${specified}`
    case 'post':
      return subresource === undefined ? `create ${one}` : `create ${subresource} of ${one}`
    case 'delete':
      return `delete ${one}`
    case 'connect':
      return `connect ${method.toUpperCase()} requests to ${subresource ?? ''} of ${kind}`
    default:
      return OTHER_OPERATIONS.find(([pattern]) => pattern.test(path))?.[1] ?? ''
  }
}

const OTHER_OPERATIONS: readonly (readonly [path: RegExp, description: string])[] = [
  [/^\/(api|apis)\/$/, 'get available API versions'],
  [/^\/apis\/[^/]+\/$/, 'get information of a group'],
  [/^\/(api|apis\/[^/]+)\/[^/]+\/$/, 'get available resources'],
  [/^\/version\/$/, 'get the version information for this server'],
  [/^\/\.well-known\/openid-configuration\/$/, 'get the OpenID configuration of the issuer of service account tokens'],
  [/^\/openid\/v1\/jwks\/$/, 'get the public keys that verify service account tokens, as a JSON Web Key Set'],
]

/** A subresource may have a kind of its own (Scale, Eviction); whose it is stands in the operation's identifier. */
function kindOf({ operationId, tags, [KIND]: declared }: Operation, subresource: string | undefined): string {
  if (subresource === undefined) return declared?.kind ?? ''
  const groupVersion = (tags[0] ?? '').replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())
  const after = operationId.slice(operationId.indexOf(groupVersion) + groupVersion.length)
  const ending = new RegExp(`${subresource}(WithPath)?$`, 'i')
  return after
    .replace(/^(Get|Put|Post|Delete|Options|Head|Patch)(?=[A-Z])/, '')
    .replace(/^Namespaced/, '')
    .replace(ending, '')
}

function describeParameter(parameter: Parameter, kind: string): Parameter {
  const { name, in: place, ...rest } = parameter
  const description = name === 'name' ? `name of the ${kind}` : PARAMETERS[name]
  return { name, in: place, ...(description !== undefined && { description }), ...rest }
}

const PARAMETERS: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'Whether a watch may be sent BOOKMARK events. Nothing is promised of when they come.',
  command: 'The command to run and its arguments, one each time; no shell reads them.',
  container: 'The container that is meant; the only one of the pod by default.',
  continue: 'The token of the last page of a list, to get the next one. All other parameters must be the same.',
  dryRun: 'All: everything is done but the storing.',
  fieldManager: 'Who makes these changes: at most 128 printable characters. An apply needs it.',
  fieldSelector: 'Only objects whose fields fit this selector; all by default.',
  fieldValidation:
    'What happens to unknown and duplicate fields: Ignore drops them silently, Warn (the default) drops them with a warning, Strict refuses the request.',
  follow: 'Whether the log is followed as it grows.',
  force: 'Whether an apply takes over fields that others own. Not allowed with other patches.',
  gracePeriodSeconds: 'Seconds until the object is gone: not negative, 0 is at once, the kind’s own by default.',
  ignoreStoreReadErrorWithClusterBreakingPotential:
    'Whether an object that cannot be read from the store any more is deleted without its finalizers and preconditions.',
  insecureSkipTLSVerifyBackend: 'Whether the log is read from a node whose certificate is not verified.',
  labelSelector: 'Only objects whose labels fit this selector; all by default.',
  limit: 'The most objects of one answer. When there are more, the list’s metadata has a continue token.',
  limitBytes: 'The most bytes of the log that are sent.',
  namespace: 'The namespace of the object.',
  orphanDependents: 'Deprecated: see propagationPolicy. Whether dependents stay. Not both may be set.',
  path: 'The path, and query, of the request that is sent on.',
  ports: 'The ports to forward; needed with WebSockets.',
  pretty: 'true: the answer is indented. By default only for browsers, curl and wget.',
  previous: 'Whether the log is that of the container’s previous run.',
  propagationPolicy:
    'What happens to dependents: Orphan leaves them, Background deletes them later, Foreground deletes them first. The kind’s own by default.',
  resourceVersion: 'Which state the answer may come from: see the API concepts of Kubernetes.',
  resourceVersionMatch: 'How resourceVersion is meant by a list: NotOlderThan or Exact.',
  sendInitialEvents:
    'Whether a watch begins with an event for each object that there is, and a bookmark after the last of them. Needs resourceVersionMatch=NotOlderThan.',
  shardSelector: 'Only objects whose hash is in one of these ranges.',
  sinceSeconds: 'Only what was logged in these last seconds.',
  stderr: 'Whether standard error is sent.',
  stdin: 'Whether standard input is taken.',
  stdout: 'Whether standard output is sent.',
  stream: 'Which stream of the log: All, Stdout or Stderr.',
  tailLines: 'The most lines from the end of the log.',
  timeoutSeconds: 'The longest that a list or watch may last.',
  timestamps: 'Whether each line of the log begins with its time.',
  tty: 'Whether a terminal is allocated.',
  watch: 'Whether changes are sent as they happen instead of a list. From resourceVersion on.',
}

export function describeSecurityScheme({ type, ...rest }: SecurityScheme): SecurityScheme {
  return { type, description: 'A bearer token', ...rest }
}

/** Changes with the texts of this file that are data: it is a part of the documents' hashes. */
export const DESCRIPTIONS = JSON.stringify([PARAMETERS, OTHER_OPERATIONS.map(([, text]) => text)])
