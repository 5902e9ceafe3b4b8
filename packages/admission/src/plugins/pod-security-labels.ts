// The part of PodSecurity that looks at namespaces: their labels must name levels and versions that there are. Pods are not held to
// the levels yet.
import { type FieldError, type KubeObject, fieldInvalid, invalid, rootPath } from '@keelson/apimachinery'
import { isPlain } from '../attributes.ts'
import type { AdmissionPlugin } from '../types.ts'

export const podSecurityLabels: AdmissionPlugin = {
  name: 'PodSecurity',
  handles: ({ operation, resource, subresource }) =>
    (operation === 'CREATE' || operation === 'UPDATE') && subresource === '' && isPlain(resource, 'namespaces'),
  validate({ object, oldObject, name }) {
    const errors = labelErrors(object)
    if (errors.length === 0 || textOf(errors) === textOf(labelErrors(oldObject))) return
    throw invalid({ group: '', kind: 'Namespace' }, name, errors)
  },
}

const PREFIX = 'pod-security.kubernetes.io/'
const LEVELS = ['privileged', 'baseline', 'restricted']
const VERSION = /^(?:latest|v1\.(?:[0-9]|[1-9][0-9]*))$/

function labelErrors(namespace: KubeObject | undefined): FieldError[] {
  const labels = namespace?.metadata.labels ?? {}
  const errors: FieldError[] = []
  const check = (name: string, isValid: (value: string) => boolean, detail: string): void => {
    const value = labels[PREFIX + name]
    if (value === undefined || isValid(value)) return
    errors.push(fieldInvalid(rootPath.child('metadata', 'labels').key(PREFIX + name), value, detail))
  }
  for (const mode of ['enforce', 'audit', 'warn']) {
    check(mode, (level) => LEVELS.includes(level), `must be one of ${LEVELS.join(', ')}`)
    check(`${mode}-version`, (version) => VERSION.test(version), 'must be "latest" or "v1.x"')
  }
  return errors
}

const textOf = (errors: readonly FieldError[]): string => JSON.stringify(errors)
