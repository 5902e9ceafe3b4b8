// DeleteOptions: from the body when there is one, else from the query. Checked as upstream does.
import { decodeProtobufObject, optionsSchema } from '@keelson/api'
import {
  DecodeError,
  type FieldError,
  type JsonValue,
  type KubeObject,
  PROTOBUF,
  append,
  badRequest,
  bodyMediaType,
  decodeJson,
  decodeProtobufEnvelope,
  fieldInvalid,
  fieldNotSupported,
  goQuote,
  invalid,
  versionAndKindProblem,
  versionAndKindUnreadable,
} from '@keelson/apimachinery'
import type { RequestContext } from '../context.ts'
import type { DeleteOptions } from '../registry/types.ts'
import { yamlBodies } from '../yaml/yaml-bodies.ts'
import { validateDryRun } from './write-options.ts'

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const

/** What was said, before it is checked. */
export interface SaidOptions {
  gracePeriodSeconds?: number
  orphanDependents?: boolean
  propagationPolicy?: string
  dryRun?: string[]
  preconditions?: { uid?: string; resourceVersion?: string }
}

/** StatusError 400 for what cannot be read, 422 for what is not allowed. */
export async function readDeleteOptions(context: RequestContext): Promise<DeleteOptions> {
  const body = await context.readBody()
  return checkedDeleteOptions(
    body.length > 0 ? await fromBody(body, context.headers['content-type']) : fromQuery(context.query),
  )
}

/** StatusError 422. `said` was decoded by the schema of DeleteOptions. */
export function checkedDeleteOptions(said: SaidOptions): DeleteOptions {
  const errors = validate(said)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
  const policy = POLICIES.find((name) => name === said.propagationPolicy)
  return {
    dryRun: said.dryRun !== undefined && said.dryRun.length > 0,
    ...(said.gracePeriodSeconds !== undefined && { gracePeriodSeconds: said.gracePeriodSeconds }),
    ...(said.orphanDependents !== undefined && { orphanDependents: said.orphanDependents }),
    ...(policy !== undefined && { propagationPolicy: policy }),
    ...(said.preconditions !== undefined && { preconditions: said.preconditions }),
  }
}

function validate({ orphanDependents, propagationPolicy, dryRun }: SaidOptions): FieldError[] {
  const errors: FieldError[] = []
  if (orphanDependents !== undefined && propagationPolicy !== undefined) {
    errors.push(
      fieldInvalid(
        'propagationPolicy',
        propagationPolicy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    )
  }
  if (propagationPolicy !== undefined && !POLICIES.some((policy) => policy === propagationPolicy)) {
    errors.push(fieldNotSupported('propagationPolicy', propagationPolicy, [...POLICIES, 'nil']))
  }
  append(errors, validateDryRun(dryRun ?? []))
  return errors
}

function fromQuery(query: URLSearchParams): SaidOptions {
  if (query.size === 0) return {}
  const said: SaidOptions = {}
  const grace = query.get('gracePeriodSeconds')
  if (grace !== null && grace !== '') said.gracePeriodSeconds = parseInteger(grace)
  const orphan = query.get('orphanDependents')
  if (orphan !== null) said.orphanDependents = orphan !== 'false' && orphan !== '0'
  const policy = query.get('propagationPolicy')
  if (policy !== null) said.propagationPolicy = policy
  if (query.has('dryRun')) said.dryRun = query.getAll('dryRun')
  return said
}

function parseInteger(text: string): number {
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
}

async function fromBody(body: Buffer, contentType: string | undefined): Promise<SaidOptions> {
  const mediaType = bodyMediaType(contentType)
  let value: JsonValue
  try {
    if (mediaType === PROTOBUF)
      value = decodeProtobufObject(decodeProtobufEnvelope(body), { apiVersion: 'v1', kind: 'DeleteOptions' })
    else value = mediaType === 'application/yaml' ? (await yamlBodies.decode(body, {})).value : decodeJson(body).value
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw badRequest(mediaType === 'application/json' ? versionAndKindUnreadable(error) : error.message)
  }
  const problem = versionAndKindProblem(value)
  if (problem !== undefined) throw badRequest(problem)
  checkKind(value)
  return optionsSchema('DeleteOptions').decode(value ?? {}).object as SaidOptions & KubeObject // The schema has these fields.
}

/** Any group's DeleteOptions will do: they are all the same. */
function checkKind(value: JsonValue): void {
  const { kind, apiVersion } = (value ?? {}) as { kind?: string; apiVersion?: string } // versionAndKindProblem has looked.
  if (kind === undefined || kind === '' || kind === 'DeleteOptions') return
  throw badRequest(
    `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion || 'v1')} in scheme ` +
      '"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:34"',
  )
}
