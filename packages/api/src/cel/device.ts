// Selectors of devices: expressions over `device`, that evaluate to a bool and do not cost too much.
import { compileExpression } from './compile.ts'
import { estimateCost } from './cost.ts'
import { type DeclaredType, type Environment, makeEnvironment } from './environment.ts'
import { MACROS_WITH_BIND } from './macros.ts'
import { ANY, BOOL, describeType, mapOf, STRING, struct, type Type } from './types.ts'

const MAX_DOMAIN_LENGTH = 63
const MAX_ID_LENGTH = 32
const MAX_DRIVER_LENGTH = 63
const MAX_VALUE_LENGTH = 64
/** Attributes and capacities of a device together. */
const MAX_ENTRIES = 32

const quantity: DeclaredType = { type: struct('kubernetes.Quantity') }
const attribute: DeclaredType = { type: ANY, maximum: MAX_VALUE_LENGTH }

const mapping = (keyLength: number, element: DeclaredType): DeclaredType => ({
  type: mapOf(STRING, element.type),
  key: { type: STRING, maximum: keyLength },
  element,
  maximum: MAX_ENTRIES,
})

const DEVICE: DeclaredType = {
  type: struct('kubernetes.DRADevice'),
  fields: new Map([
    ['driver', { type: STRING, maximum: MAX_DRIVER_LENGTH }],
    ['allowMultipleAllocations', { type: BOOL, maximum: 1 }],
    // Whatever its name, an attribute is as large as attributes get.
    ['attributes', mapping(MAX_DOMAIN_LENGTH, { ...mapping(MAX_ID_LENGTH, attribute), hasAnyField: true })],
    ['capacity', mapping(MAX_DOMAIN_LENGTH, mapping(MAX_ID_LENGTH, quantity))],
  ]),
}

let environment: Environment | undefined

export type CompiledSelector = { readonly outputType: Type; readonly cost: number } | { readonly error: string }

/** `cost`: at worst. */
export function compileDeviceSelector(expression: string): CompiledSelector {
  environment ??= makeEnvironment({ device: DEVICE }, { macros: MACROS_WITH_BIND })
  const compiled = compileExpression(expression, environment)
  if ('errors' in compiled) return { error: `compilation failed: ${compiled.errors}` }
  const { outputType } = compiled
  if (outputType !== BOOL && outputType !== ANY)
    return { error: `must evaluate to bool or the unknown type, not ${describeType(outputType)}` }
  return { outputType, cost: estimateCost(compiled.expression, environment.variables).max }
}
