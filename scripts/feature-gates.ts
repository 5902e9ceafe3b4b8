// docs/feature-gates.md: what --feature-gates takes.
import { knownFeatureGates } from '@keelson/component'

export function featureGatesPage(madeBy: string): string {
  const rows = Object.entries(knownFeatureGates()).map(
    ([name, { stage, default: isOn, locked, dependsOn = [] }]) =>
      `| \`${name}\` | ${stage.toLowerCase()} | ${isOn ? 'on' : 'off'}${locked === true ? ', locked' : ''} | ${dependsOn.map((each) => `\`${each}\``).join(', ')} |`,
  )
  return `# Feature gates

<!-- ${madeBy} -->
\`--feature-gates\` takes the gates of Kubernetes 1.36, and \`AllAlpha\` and \`AllBeta\`. An unknown gate, a locked one, or one whose
prerequisite is off is an error in upstream's words; the metric \`kubernetes_feature_enabled\` tells how each of them is set.
Keelson behaves as Kubernetes does with the defaults: a gate that is set otherwise changes nothing, and a warning says so.

| gate | stage | default | needs |
|---|---|---|---|
${rows.join('\n')}
`
}
