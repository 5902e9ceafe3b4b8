// What a Service's author should hear, though it is allowed.
import { append, goQuote, rootPath } from '@keelson/apimachinery'
import { addressWarnings, rangeWarnings } from '../../validation/ip-address.ts'
import { NO_CLUSTER_IP, type Service } from './service-types.ts'

const specPath = rootPath.child('spec')
const HINTS = 'service.kubernetes.io/topology-aware-hints'
const MODE = 'service.kubernetes.io/topology-mode'

export function warningsForService({ metadata, spec }: Service): string[] {
  const warnings: string[] = []
  const headless = spec.type === 'ClusterIP' && spec.clusterIP === NO_CLUSTER_IP
  const externalIPs = spec.externalIPs ?? []
  if (metadata.annotations?.[HINTS] !== undefined) {
    warnings.push(`annotation ${HINTS} is deprecated, please use ${MODE} instead`)
  }
  for (const [index, address] of (spec.clusterIP && spec.clusterIP !== NO_CLUSTER_IP
    ? (spec.clusterIPs ?? [])
    : []
  ).entries()) {
    append(warnings, addressWarnings(specPath.child('clusterIPs').index(index), address))
  }
  if (headless) {
    if (spec.loadBalancerIP) warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  for (const [index, address] of externalIPs.entries()) {
    append(warnings, addressWarnings(specPath.child('externalIPs').index(index), address))
  }
  if (externalIPs.length > 0 && !headless && spec.type !== 'ExternalName') {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  }
  if (spec.loadBalancerIP) append(warnings, addressWarnings(specPath.child('loadBalancerIP'), spec.loadBalancerIP))
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    append(warnings, rangeWarnings(specPath.child('loadBalancerSourceRanges').index(index), range))
  }
  if (spec.type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push(`spec.externalIPs is ignored when spec.type is ${goQuote('ExternalName')}`)
  }
  if (spec.type !== 'ExternalName' && spec.externalName) {
    warnings.push(`spec.externalName is ignored when spec.type is not ${goQuote('ExternalName')}`)
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push(`spec.trafficDistribution: ${goQuote('PreferClose')} is deprecated; use ${goQuote('PreferSameZone')}`)
  }
  return warnings
}

export const warningsForServiceStatus = ({ status }: Service): string[] =>
  (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, index) =>
    ip ? addressWarnings(rootPath.child('status', 'loadBalancer', 'ingress').index(index), ip) : [],
  )
