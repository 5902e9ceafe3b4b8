// The query parameters that every write may have (CreateOptions, UpdateOptions, PatchOptions), checked as upstream does.
import {
  type FieldError,
  append,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  invalid,
} from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import { requireAllowed } from '../filters/authorization.ts'
import { type YieldTurn, yieldsFor } from '../registry/turns.ts'
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
  return checkedOptions(query, kind, errors)
}

export interface ApplyOptions extends WriteOptions {
  readonly force: boolean
}

/** PatchOptions of an apply: it may be forced, and must say who applies. */
export function parseApplyOptions(query: URLSearchParams): ApplyOptions {
  const errors: FieldError[] = []
  if (!query.get('fieldManager')) errors.push(fieldRequired('fieldManager', 'is required for apply patch'))
  const force = query.get('force')
  return {
    ...checkedOptions(query, 'PatchOptions', errors),
    force: force !== null && force !== '0' && force.toLowerCase() !== 'false',
  }
}

function checkedOptions(query: URLSearchParams, kind: string, errors: FieldError[]): WriteOptions {
  const fieldManager = query.get('fieldManager') ?? ''
  append(errors, validateFieldManager(fieldManager))
  const dryRun = query.getAll('dryRun')
  append(errors, validateDryRun(dryRun))
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

const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

function validateFieldManager(fieldManager: string): FieldError[] {
  if (fieldManager === '') return []
  const errors: FieldError[] = []
  if (Buffer.byteLength(fieldManager) > FIELD_MANAGER_MAX_BYTES)
    errors.push(fieldTooLong('fieldManager', FIELD_MANAGER_MAX_BYTES))
  const unprintable = UNPRINTABLE.exec(fieldManager)
  if (unprintable !== null) {
    const position = Buffer.byteLength(fieldManager.slice(0, unprintable.index))
    errors.push(
      fieldInvalid(
        'fieldManager',
        fieldManager,
        `invalid character ${codePoint(unprintable[0])} (at position ${position})`,
      ),
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
    fieldManager: options.fieldManager === '' ? managerOf(context.headers['user-agent']) : options.fieldManager,
    addWarning: (text) => context.addWarning(text),
    signal: context.signal,
    subresource,
    authorizeCreate: () => requireAllowed(context, 'create'),
    yieldTurn: yieldsForBody(context),
  }
}

/** By what the request says: a body is taken for a large one when the client does not say how much it sends. */
export const yieldsForBody = ({ headers }: RequestContext): YieldTurn | undefined =>
  yieldsFor(Number(headers['content-length'] ?? Infinity))

/** Of a write that changes nobody's fields: a deletion, a binding. */
export function untrackedContext(context: RequestContext, dryRun: boolean, subresource = ''): WriteContext {
  return { ...writeContext(context, { dryRun, fieldManager: '' }, subresource), fieldManager: undefined }
}

/** A client that does not say who it is goes by the name of its program: the user agent up to the first slash. */
function managerOf(userAgent = ''): string {
  const name = userAgent.split('/', 1)[0] ?? ''
  if (name.length <= FIELD_MANAGER_MAX_BYTES / 4 && !UNPRINTABLE.test(name)) return name
  let manager = ''
  let bytes = 0
  for (const character of name) {
    if (UNPRINTABLE.test(character)) continue
    bytes += Buffer.byteLength(character)
    if (bytes > FIELD_MANAGER_MAX_BYTES) break
    manager += character
  }
  return manager
}

/** As Go prints one: U+0007. */
const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
