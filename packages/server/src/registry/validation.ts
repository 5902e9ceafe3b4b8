// What the rules of a kind make of a write: prepare in place, then validate. Errors are 422, warnings go to the client.
import {
  type MetadataCheck,
  type MetadataRules,
  type ResourceDefinition,
  type StrategyContext,
  checkMetadataUpdate,
  checksOwnMetadata,
  metadataChecksOf,
  metadataRulesOf,
  prepareMetadataForUpdate,
  rulesForObject,
  schemaFor,
  validateMetadata,
  validateMetadataUpdate,
  withMetadataErrors,
} from '@keelson/api'
import { type FieldError, type KubeObject, append, invalid, nameIsPathSegment } from '@keelson/apimachinery'
import { equalTrees } from './json-tree.ts'
import { type RegistryParts, groupKindOf } from './parts.ts'
import type { UpdatePart, WriteContext } from './types.ts'

export const strategyContextOf = (context: WriteContext, now: Date): StrategyContext => ({
  user: context.user,
  now,
  addWarning: (text) => context.addWarning(text),
})

export function checkCreate(
  parts: RegistryParts,
  object: KubeObject,
  strategyContext: StrategyContext,
  context: WriteContext,
): void {
  const { strategy } = parts
  if (strategy.hasStatus === true) resetStatus(parts, object)
  if (strategy.hasGeneration === true) object.metadata.generation = 1
  strategy.prepareForCreate?.(object, strategyContext)
  const errors =
    strategy.validate === undefined ? schemaFor(parts.definition).validate(object) : strategy.validate(object)
  const rules = rulesForObject(rulesOf(parts), strategy, object)
  if (checksOwnMetadata(groupKindOf(parts))) {
    const ofMetadata = validateMetadata(object.metadata, rules)
    append(ofMetadata, errors)
    refuse(parts, object, ofMetadata)
  } else {
    // Looked at in general, when all else is well.
    refuse(parts, object, errors)
    const general = { ...rules, validateName: nameIsPathSegment, qualifiedFinalizers: false }
    refuse(parts, object, validateMetadata(object.metadata, general))
  }
  warn(parts, object, undefined, context)
}

export function checkUpdate(
  parts: RegistryParts,
  next: KubeObject,
  old: KubeObject,
  part: UpdatePart,
  namespace: string,
  strategyContext: StrategyContext,
  context: WriteContext,
): void {
  const { generation } = next.metadata
  prepareMetadataForUpdate(next.metadata, old.metadata, parts.definition.namespaced ? namespace : '')
  // A subresource with rules of its own counts generations itself.
  if (part === 'raw' && (generation ?? 0) > (old.metadata.generation ?? 0)) next.metadata.generation = generation
  if (part === 'main') prepareMain(parts, next, old, strategyContext)
  else if (part === 'status') prepareStatus(parts, next, old, strategyContext)
  else if (part === 'approval') parts.strategy.approval?.prepareForUpdate(next, old, strategyContext)
  const checks = metadataChecksOf(groupKindOf(parts), part === 'status' ? 'status' : '')
  const rules = rulesForObject(rulesOf(parts), parts.strategy, next)
  const errors = validateMetadataUpdate(next.metadata, old.metadata, rules, checks)
  const find = (check: MetadataCheck): FieldError[] => checkMetadataUpdate(next.metadata, old.metadata, rules, check)
  append(errors, withMetadataErrors(ruleErrors(parts, next, old, part), find))
  refuse(parts, next, errors)
  if (part === 'main') warn(parts, next, old, context)
}

function prepareMain({ strategy }: RegistryParts, next: KubeObject, old: KubeObject, context: StrategyContext): void {
  if (strategy.hasStatus === true) keep(next, old, 'status')
  strategy.prepareForUpdate?.(next, old, context)
  const { generation } = old.metadata
  if (strategy.hasGeneration !== true || next.metadata.generation !== generation) return
  if (!isSameDesire(next, old)) next.metadata.generation = (generation ?? 0) + 1
}

function prepareStatus({ strategy }: RegistryParts, next: KubeObject, old: KubeObject, context: StrategyContext): void {
  for (const field in old) if (!STATUS_PART.has(field)) next[field] = old[field]
  for (const field in next) if (!STATUS_PART.has(field) && !(field in old)) delete next[field]
  strategy.prepareForStatusUpdate?.(next, old, context)
}

/**
 * Back to what an object without one has: nothing, or an empty status with its required fields and its defaults (a phase, for
 * example).
 */
function resetStatus({ definition, strategy }: RegistryParts, object: KubeObject): void {
  let status = emptyStatuses.get(definition)
  if (status === undefined) {
    const empty = schemaFor(definition).decode({}).object
    strategy.default?.(empty)
    status = empty['status'] === undefined ? '' : JSON.stringify(empty['status'])
    emptyStatuses.set(definition, status)
  }
  if (status === '') delete object['status']
  else object['status'] = JSON.parse(status)
}

/** As JSON: each object gets its own. '' where there is none. */
const emptyStatuses = new WeakMap<ResourceDefinition, string>()

/** What a write to the status subresource may change. */
const STATUS_PART: ReadonlySet<string> = new Set(['status', 'metadata'])
/** What may change without a new generation. */
const WITHOUT_GENERATION: ReadonlySet<string> = new Set(['status', 'metadata', 'kind', 'apiVersion'])

function isSameDesire(next: KubeObject, old: KubeObject): boolean {
  for (const field in next) if (!WITHOUT_GENERATION.has(field) && !equalTrees(next[field], old[field])) return false
  for (const field in old) if (!WITHOUT_GENERATION.has(field) && next[field] === undefined) return false
  return true
}

function keep(next: KubeObject, old: KubeObject, field: string): void {
  if (old[field] === undefined) delete next[field]
  else next[field] = old[field]
}

function ruleErrors(parts: RegistryParts, next: KubeObject, old: KubeObject, part: UpdatePart): FieldError[] {
  const { strategy } = parts
  if (part === 'raw') return []
  if (part === 'approval') return strategy.approval?.validateUpdate(next, old) ?? []
  if (part === 'status') return strategy.validateStatusUpdate?.(next, old) ?? []
  if (strategy.validateUpdate !== undefined) return strategy.validateUpdate(next, old)
  return strategy.validate === undefined ? schemaFor(parts.definition).validate(next) : strategy.validate(next)
}

/** The rules of a kind never change: made once. */
const rules = new WeakMap<RegistryParts, MetadataRules>()

function rulesOf(parts: RegistryParts): MetadataRules {
  let found = rules.get(parts)
  if (found === undefined) {
    found = metadataRulesOf(parts.definition, parts.strategy)
    rules.set(parts, found)
  }
  return found
}

function refuse(parts: RegistryParts, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(groupKindOf(parts), object.metadata.name ?? '', errors)
}

function warn({ strategy }: RegistryParts, next: KubeObject, old: KubeObject | undefined, context: WriteContext): void {
  if (strategy.warnings === undefined) return
  for (const warning of strategy.warnings(next, old)) context.addWarning(warning)
}
