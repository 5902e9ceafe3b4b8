// The query parameters that every write may have (CreateOptions, UpdateOptions, PatchOptions), checked as upstream does.
import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldTooLong,
  invalid,
} from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import type { WriteContext } from '../registry/types.ts'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

export interface WriteOptions {
  readonly dryRun: boolean
  readonly fieldManager: string
  readonly fieldValidation: FieldValidation
}

const FIELD_VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'] as const
const FIELD_MANAGER_MAX_BYTES = 128

/** StatusError 422 with all that is wrong. `kind` is what the error calls the options. */
export function parseWriteOptions(
  query: URLSearchParams,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteOptions {
  if (query.size === 0) return NO_OPTIONS
  const errors: FieldError[] = []
  if (kind === 'PatchOptions' && query.has('force')) {
    errors.push(fieldForbidden('force', 'may not be specified for non-apply patch'))
  }
  const fieldManager = query.get('fieldManager') ?? ''
  errors.push(...validateFieldManager(fieldManager))
  const dryRun = query.getAll('dryRun')
  errors.push(...validateDryRun(dryRun))
  const asked = query.get('fieldValidation') ?? ''
  const fieldValidation = FIELD_VALIDATIONS.find((value) => value === asked)
  if (fieldValidation === undefined) errors.push(fieldNotSupported('fieldValidation', asked, FIELD_VALIDATIONS))
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors)
  return { dryRun: dryRun.length > 0, fieldManager, fieldValidation: fieldValidation || 'Warn' }
}

const NO_OPTIONS: WriteOptions = { dryRun: false, fieldManager: '', fieldValidation: 'Warn' }

export function validateDryRun(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [fieldNotSupported('dryRun', values, ['All'])]
}

function validateFieldManager(fieldManager: string): FieldError[] {
  if (fieldManager === '') return []
  const errors: FieldError[] = []
  if (Buffer.byteLength(fieldManager) > FIELD_MANAGER_MAX_BYTES)
    errors.push(fieldTooLong('fieldManager', FIELD_MANAGER_MAX_BYTES))
  const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(fieldManager)
  if (unprintable !== null) {
    const position = Buffer.byteLength(fieldManager.slice(0, unprintable.index))
    errors.push(
      fieldInvalid('fieldManager', fieldManager, `should only contain printable characters (at position ${position})`),
    )
  }
  return errors
}

export function writeContext(
  context: RequestContext,
  options: { readonly dryRun: boolean; readonly fieldManager: string },
  subresource = '',
): WriteContext {
  const { user } = context
  if (user === undefined) throw new Error('a write has reached its handler without a user')
  return {
    user,
    dryRun: options.dryRun,
    fieldManager: options.fieldManager,
    addWarning: (text) => context.addWarning(text),
    signal: context.signal,
    subresource,
  }
}
