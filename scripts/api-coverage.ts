// The page docs/api-coverage.md, made from the table of built-in resources and from what passed of the recorded exchanges.
import { builtinGroupVersions, type ResourceDefinition, strategyOf } from '@keelson/api'
import { type Tally, recordedResults } from '../test/conformance/results.ts'

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

const tallyText = ({ passed, total }: Tally): string => (passed === total ? `all ${total}` : `${passed} of ${total}`)

function row(definition: ResourceDefinition, tally: Tally | undefined): string {
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
    tally === undefined ? '' : tallyText(tally),
  ]
  return `| ${cells.join(' | ')} |`
}

const sumOf = (tallies: readonly Tally[], member: keyof Tally): number =>
  tallies.reduce((sum, tally) => sum + tally[member], 0)

/** `note`: who makes the page. */
export function apiCoverage(note: string): string {
  const groupVersions = builtinGroupVersions()
  const count = groupVersions.reduce((sum, { resources }) => sum + resources.length, 0)
  const { topics, resources: tallies } = recordedResults()
  const all = Object.values(topics)
  const total = { passed: sumOf(all, 'passed'), total: sumOf(all, 'total') }
  const sections = groupVersions.map(({ group, version, resources }) =>
    [
      `## ${group === '' ? 'core' : group}/${version}`,
      '',
      '| resource | kind | scope | verbs | subresources | stored under | rules of its own | requests |',
      '|---|---|---|---|---|---|---|---|',
      ...resources.map((item) => row(item, tallies[`${item.group}/${item.version}/${item.resource}`])),
      '',
    ].join('\n'),
  )
  return `# API coverage

<!-- ${note} -->
The table of built-in resources has ${count} resources in ${groupVersions.length} group
versions, those of Kubernetes 1.36. Every kind has upstream's names, schema (types, unknown fields, required fields, enums), metadata
rules and storage key. *Rules of its own* says what is built beyond that: *defaults* of fields that were left out, *validation* in
upstream's words, *immutable fields*, table *columns* with upstream's cells, *field selectors* beyond name and namespace. "all" verbs are
${ALL_VERBS.join(', ')}. *Requests* says how many of the recorded requests for the resource are answered as kube-apiserver answered them.

## Recorded requests
Replayed by \`npm run conformance\` (test/conformance/README.md): ${tallyText(total)}. Written down by \`npm run conformance -- --record\`.

| topic | as recorded |
|---|---|
${Object.entries(topics)
  .map(([topic, tally]) => `| ${topic} | ${tallyText(tally)} |`)
  .join('\n')}

${sections.join('\n')}`
}
