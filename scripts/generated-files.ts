// The files of the repository that are generated, with their contents.
import { encodeYaml } from '@keelson/apimachinery'
import { composeFile, composeHaproxyConfiguration } from '@keelson/deploy/compose'
import { FLAG_TABLE } from '../packages/keelson/src/apiserver-flags.ts'
import { apiCoverage } from './api-coverage.ts'
import { featureGatesPage } from './feature-gates.ts'

const MADE_BY = 'made by scripts/generate.ts: change it there'

export function generatedFiles(): Map<string, string> {
  return new Map([
    ['docker-compose.yml', `# ${MADE_BY}\n${encodeYaml(composeFile())}`],
    ['deploy/compose/haproxy.cfg', `# ${MADE_BY}\n${composeHaproxyConfiguration()}`],
    ['docs/apiserver-flags.md', flags()],
    ['docs/feature-gates.md', featureGatesPage(MADE_BY)],
    ['docs/api-coverage.md', apiCoverage(MADE_BY)],
  ])
}

function flags(): string {
  const entries = Object.entries(FLAG_TABLE).sort(([left], [right]) => (left < right ? -1 : 1))
  const obeyed = entries.filter(([, { handled }]) => handled)
  const ignored = entries.filter(([, { handled }]) => !handled)
  return `# Flags of \`keelson apiserver\`

<!-- ${MADE_BY} -->
The names are kube-apiserver's, version 1.36; \`--advertise-port\` is our own. A flag that is not on this page is an error that
names it. What is accepted and ignored is logged once at the start.

## Obeyed
| flag | type | default |
|---|---|---|
${obeyed.map(([name, { type, default: fallback }]) => `| \`--${name}\` | ${type} | ${fallback === undefined ? '' : `\`${fallback}\``} |`).join('\n')}

## Accepted and ignored
${ignored.map(([name]) => `\`--${name}\``).join(', ')}
`
}
