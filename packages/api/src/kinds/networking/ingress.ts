// Ingress and IngressClass: HTTP from outside, and who serves it.
import type { KindStrategy } from '../../resource.ts'
import { validateIngress, validateIngressClass, validateIngressStatus } from '../../validation/ingress.ts'
import { NONE, age } from '../row.ts'
import type { Ingress, IngressClass } from './ingress-types.ts'

const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class'
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const CLASS_ADVICE = `annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`
const SHOWN_HOSTS = 3

export const ingressStrategy: KindStrategy = {
  prepareForCreate(object) {
    object['status'] = { loadBalancer: {} }
  },
  // The schema has checked the types.
  validate: (object) => validateIngress(object as Ingress),
  validateUpdate: (next, old) => validateIngress(next as Ingress, old as Ingress),
  validateStatusUpdate: (next, old) => validateIngressStatus(next as Ingress, old as Ingress),
  warnings: ({ metadata }, old) =>
    old === undefined && metadata.annotations?.[CLASS_ANNOTATION] !== undefined ? [CLASS_ADVICE] : [],
  hasStatus: true,
  hasGeneration: true,
  row(object, now) {
    const { metadata, spec = {}, status = {} } = object as Ingress // As above.
    const addresses = (status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '')
    return [
      metadata.name ?? '',
      spec.ingressClassName ?? NONE,
      hostsCell(spec.rules ?? []),
      [...new Set(addresses)]
        .filter((address) => address !== '')
        .toSorted()
        .join(','),
      (spec.tls ?? []).length > 0 ? '80, 443' : '80',
      age(object, now),
    ]
  },
}

function hostsCell(rules: readonly { host?: string }[]): string {
  const hosts: string[] = []
  let isMore = false
  for (const { host } of rules) {
    if (hosts.length === SHOWN_HOSTS) isMore = true
    else if (host) hosts.push(host)
  }
  if (hosts.length === 0) return '*'
  return isMore ? `${hosts.join(',')} + ${rules.length - SHOWN_HOSTS} more...` : hosts.join(',')
}

export const ingressClassStrategy: KindStrategy = {
  default(object) {
    const { spec = {} } = object as IngressClass // As above.
    if (spec.parameters !== undefined) spec.parameters.scope ??= 'Cluster'
  },
  // As above.
  validate: (object) => validateIngressClass(object as IngressClass),
  validateUpdate: (next, old) => validateIngressClass(next as IngressClass, old as IngressClass),
  hasGeneration: true,
  row(object, now) {
    const { metadata, spec = {} } = object as IngressClass // As above.
    const { parameters } = spec
    const isDefault = metadata.annotations?.[DEFAULT_CLASS] === 'true'
    const kind = parameters?.apiGroup === undefined ? parameters?.kind : `${parameters.kind}.${parameters.apiGroup}`
    return [
      `${metadata.name ?? ''}${isDefault ? ' (default)' : ''}`,
      spec.controller ?? '',
      parameters === undefined ? NONE : `${kind ?? ''}/${parameters.name ?? ''}`,
      age(object, now),
    ]
  },
}
