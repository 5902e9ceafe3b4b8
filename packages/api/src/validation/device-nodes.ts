// From which nodes devices can be reached: said once for a slice of them, or for each.
import { type FieldError, type FieldPath, fieldInvalid, fieldRequired, isDNS1123Subdomain } from '@keelson/apimachinery'
import type { Device, NodeChoice, SliceSpec } from '../kinds/resource/resource-types.ts'
import { emptiedField } from '../schema/emptied.ts'
import { checkNodeSelector } from './affinity.ts'
import { checkName } from './field-checks.ts'
import { internalForm } from './internal-form.ts'

const UNSET_OR_TRUE = 'must be either unset or set to true'
const ONE_OF_SLICE = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
const ONE_OF_DEVICE =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
const NOT_OF_DEVICE =
  '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'

export function checkSliceNodes(errors: FieldError[], spec: SliceSpec, path: FieldPath): void {
  const found: string[] = []
  checkNodeName(errors, spec, path, found, 'must be either unset or set to a non-empty string')
  if (spec.nodeSelector !== undefined) {
    found.push('`nodeSelector`')
    checkNodeSelector(errors, spec.nodeSelector, path.child('nodeSelector'))
    const terms = spec.nodeSelector.nodeSelectorTerms ?? []
    if (terms.length !== 1) {
      const given = spec.nodeSelector.nodeSelectorTerms ?? emptiedField(spec.nodeSelector, 'nodeSelectorTerms')
      const shown = internalForm('[]NodeSelectorTerm', given)
      const at = path.child('nodeSelector', 'nodeSelectorTerms')
      errors.push(fieldInvalid(at, shown, 'must have exactly one node selector term'))
    }
  }
  checkFlag(errors, spec.allNodes, path, 'allNodes', found)
  checkFlag(errors, spec.perDeviceNodeSelection, path, 'perDeviceNodeSelection', found)
  if (found.length === 0) errors.push(fieldRequired(path, ONE_OF_SLICE))
  else if (found.length > 1)
    errors.push(fieldInvalid(path, `{${found.join(', ')}}`, `${ONE_OF_SLICE}, but multiple fields are set`))
}

export function checkNodeChoice(errors: FieldError[], device: Device, path: FieldPath, choosesNodes: boolean): void {
  const { nodeName, nodeSelector, allNodes } = device
  if (!choosesNodes) {
    const isSet = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined
    if (isSet) errors.push(fieldInvalid(path, null, NOT_OF_DEVICE))
    return
  }
  const found: string[] = []
  checkNodeName(errors, device, path, found, 'must not be empty')
  if (nodeSelector !== undefined) {
    found.push('`nodeSelector`')
    checkNodeSelector(errors, nodeSelector, path.child('nodeSelector'))
  }
  checkFlag(errors, allNodes, path, 'allNodes', found)
  if (found.length === 0) errors.push(fieldRequired(path, ONE_OF_DEVICE))
  else if (found.length > 1) errors.push(fieldInvalid(path, `{${found.join(', ')}}`, ONE_OF_DEVICE))
}

function checkNodeName(
  errors: FieldError[],
  { nodeName }: NodeChoice,
  path: FieldPath,
  found: string[],
  whenEmpty: string,
): void {
  if (nodeName === undefined) return
  if (nodeName === '') return void errors.push(fieldInvalid(path.child('nodeName'), '', whenEmpty))
  found.push('`nodeName`')
  checkName(errors, path.child('nodeName'), nodeName, isDNS1123Subdomain)
}

function checkFlag(
  errors: FieldError[],
  flag: boolean | undefined,
  path: FieldPath,
  field: string,
  found: string[],
): void {
  if (flag === true) found.push(`\`${field}\``)
  else if (flag === false) errors.push(fieldInvalid(path.child(field), false, UNSET_OR_TRUE))
}
