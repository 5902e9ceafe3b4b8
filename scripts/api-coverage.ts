// The page docs/api-coverage.md, made from the table of built-in resources.
import { builtinGroupVersions, type ResourceDefinition, strategyOf } from '@keelson/api'

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

const verbsText = (verbs: readonly string[]): string => (verbs.length === ALL_VERBS.length ? 'all' : verbs.join(', '))

/** What the kind has beyond the rules that its schema gives every kind. */
function rulesText(definition: ResourceDefinition): string {
  const strategy = strategyOf(definition)
  const has: readonly (readonly [boolean, string])[] = [
    [strategy.default !== undefined, 'defaults'],
    [strategy.validate !== undefined, 'validation'],
    [strategy.validateUpdate !== undefined, 'immutable fields'],
    [strategy.row !== undefined, 'columns'],
    [(strategy.selectable ?? []).length > 0, 'field selectors'],
  ]
  return has.flatMap(([present, word]) => (present ? [word] : [])).join(', ')
}

function row(definition: ResourceDefinition): string {
  const subresources = definition.subresources.map(({ name }) => name).join(', ')
  const scope = definition.namespaced ? 'namespace' : 'cluster'
  const stored = definition.storage === undefined ? 'no' : `\`${definition.storage.prefix}\``
  const cells = [
    `\`${definition.resource}\``,
    definition.kind,
    scope,
    verbsText(definition.verbs),
    subresources,
    stored,
    rulesText(definition),
  ]
  return `| ${cells.join(' | ')} |`
}

/** `note`: who makes the page. */
export function apiCoverage(note: string): string {
  const groupVersions = builtinGroupVersions()
  const count = groupVersions.reduce((sum, { resources }) => sum + resources.length, 0)
  const sections = groupVersions.map(({ group, version, resources }) =>
    [
      `## ${group === '' ? 'core' : group}/${version}`,
      '',
      '| resource | kind | scope | verbs | subresources | stored under | rules of its own |',
      '|---|---|---|---|---|---|---|',
      ...resources.map(row),
      '',
    ].join('\n'),
  )
  return `# API coverage

<!-- ${note} -->
The table of built-in resources has ${count} resources in ${groupVersions.length} group
versions, those of Kubernetes 1.36. Every kind has upstream's names, schema (types, unknown fields, required fields, enums), metadata
rules and storage key. The last column says what is built beyond that: *defaults* of fields that were left out, *validation* in
upstream's words, *immutable fields*, table *columns* with upstream's cells, *field selectors* beyond name and namespace. "all" verbs are
${ALL_VERBS.join(', ')}.

${sections.join('\n')}`
}
