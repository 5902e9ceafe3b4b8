// What a NetworkPolicy may say.
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  rootPath,
} from '@keelson/apimachinery'
import type { NetworkPolicy, PolicyPeer, PolicyPort } from '../kinds/networking/networkpolicy-types.ts'
import { checkRange, formatAddress, networkOf, parseRange } from './ip-address.ts'
import { checkLabelSelector } from './labels.ts'
import { checkPortNumber, checkPortNumberOrName } from './ports.ts'

const specPath = rootPath.child('spec')
const PROTOCOLS = ['TCP', 'UDP', 'SCTP']
const TYPES = ['Ingress', 'Egress']

export function validateNetworkPolicy({ spec = {} }: NetworkPolicy, old?: NetworkPolicy): FieldError[] {
  const errors: FieldError[] = []
  const validBefore = old === undefined ? [] : rangesOf(old)
  checkLabelSelector(errors, spec.podSelector, specPath.child('podSelector'))
  for (const [direction, side] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    for (const [index, rule] of (spec[direction] ?? []).entries()) {
      const path = specPath.child(direction).index(index)
      for (const [at, port] of (rule.ports ?? []).entries()) checkPort(errors, port, path.child('ports').index(at))
      for (const [at, peer] of (rule[side] ?? []).entries())
        checkPeer(errors, peer, validBefore, path.child(side).index(at))
    }
  }
  const types = spec.policyTypes ?? []
  if (types.length > TYPES.length) {
    errors.push(fieldInvalid(specPath.child('policyTypes'), types, 'may not specify more than two policyTypes'))
    return errors
  }
  for (const [index, type] of types.entries()) {
    if (!TYPES.includes(type)) errors.push(fieldNotSupported(specPath.child('policyTypes').index(index), type, TYPES))
  }
  return errors
}

const rangesOf = ({ spec = {} }: NetworkPolicy): string[] =>
  [...(spec.ingress ?? []), ...(spec.egress ?? [])]
    .flatMap(({ from = [], to = [] }) => [...from, ...to])
    .flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock.cidr ?? '', ...(ipBlock.except ?? [])]))

function checkPort(errors: FieldError[], { protocol = '', port, endPort }: PolicyPort, path: FieldPath): void {
  if (!PROTOCOLS.includes(protocol)) errors.push(fieldNotSupported(path.child('protocol'), protocol, PROTOCOLS))
  // A name is judged after what it may not stand with.
  if (typeof port === 'number') checkPortNumberOrName(errors, port, path.child('port'))
  if (endPort !== undefined) checkEndPort(errors, endPort, port, path)
  if (typeof port === 'string') checkPortNumberOrName(errors, port, path.child('port'))
}

function checkEndPort(errors: FieldError[], endPort: number, port: PolicyPort['port'], path: FieldPath): void {
  const refuse = (value: number, detail: string): void =>
    void errors.push(fieldInvalid(path.child('endPort'), value, detail))
  if (port === undefined) return refuse(endPort, 'may not be specified when `port` is not specified')
  if (typeof port === 'string') return refuse(endPort, 'may not be specified when `port` is non-numeric')
  // Upstream shows the port here, not what is too low.
  if (endPort < port) refuse(port, 'must be greater than or equal to `port`')
  checkPortNumber(errors, endPort, path.child('endPort'))
}

function checkPeer(
  errors: FieldError[],
  { podSelector, namespaceSelector, ipBlock }: PolicyPeer,
  validBefore: readonly string[],
  path: FieldPath,
): void {
  checkLabelSelector(errors, podSelector, path.child('podSelector'))
  checkLabelSelector(errors, namespaceSelector, path.child('namespaceSelector'))
  const isOfPods = podSelector !== undefined || namespaceSelector !== undefined
  if (ipBlock === undefined) {
    if (!isOfPods) errors.push(fieldRequired(path, 'must specify a peer'))
    return
  }
  checkBlock(errors, ipBlock, validBefore, path.child('ipBlock'))
  if (isOfPods) errors.push(fieldForbidden(path, 'may not specify both ipBlock and another peer'))
}

function checkBlock(
  errors: FieldError[],
  { cidr = '', except = [] }: NonNullable<PolicyPeer['ipBlock']>,
  validBefore: readonly string[],
  path: FieldPath,
): void {
  if (cidr === '') return void errors.push(fieldRequired(path.child('cidr'), ''))
  checkRange(errors, path.child('cidr'), cidr, validBefore)
  const outer = parseRange(cidr)
  if (outer === undefined) return
  for (const [index, text] of except.entries()) {
    const at = path.child('except').index(index)
    const inner = parseRange(text)
    checkRange(errors, at, text, validBefore)
    if (inner === undefined) continue
    const isWithin =
      inner.address.family === outer.address.family &&
      inner.prefixLength > outer.prefixLength &&
      formatAddress(networkOf({ ...inner, prefixLength: outer.prefixLength })) === formatAddress(networkOf(outer))
    if (!isWithin) errors.push(fieldInvalid(at, text, 'must be a strict subset of `cidr`'))
  }
}
