// The names of custom resources.
import { type FieldError, type FieldPath, fieldInvalid, fieldRequired, isDNS1035Label } from '@keelson/apimachinery'
import type { DefinitionNames } from '../kinds/apiextensions/definition-types.ts'

const MIXED_CASE = 'may have mixed case, but should otherwise match: '

export function checkNamesGiven(errors: FieldError[], names: DefinitionNames, path: FieldPath): void {
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const)
    if (!names[name]) errors.push(fieldRequired(path.child(name), ''))
}

/** Of the spec, and of those that a status says are accepted. */
export function checkNames(errors: FieldError[], names: DefinitionNames, path: FieldPath): void {
  for (const name of ['plural', 'singular'] as const) checkLabel(errors, names[name] ?? '', path.child(name))
  for (const name of ['kind', 'listKind'] as const) checkLabel(errors, names[name] ?? '', path.child(name), MIXED_CASE)
  checkLabels(errors, names.shortNames ?? [], path.child('shortNames'))
  if (names.kind && names.kind === names.listKind)
    errors.push(fieldInvalid(path.child('listKind'), names.listKind, 'kind and listKind may not be the same'))
  checkLabels(errors, names.categories ?? [], path.child('categories'))
}

/** With `prefix`, capital letters may stand in it. */
function checkLabel(errors: FieldError[], name: string, path: FieldPath, prefix = ''): void {
  if (name === '') return
  const messages = isDNS1035Label(prefix === '' ? name : name.toLowerCase())
  if (messages.length > 0) errors.push(fieldInvalid(path, name, prefix + messages.join(',')))
}

function checkLabels(errors: FieldError[], labels: readonly string[], path: FieldPath): void {
  for (const [index, label] of labels.entries()) {
    const messages = isDNS1035Label(label)
    if (messages.length > 0) errors.push(fieldInvalid(path.index(index), label, messages.join(',')))
  }
}
