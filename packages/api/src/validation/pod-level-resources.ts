// Resources of a pod as a whole (KEP-2837) beside those of its containers: how much the containers make together, and how the two
// must fit.
import { type FieldError, type FieldPath, Quantity, fieldInvalid } from '@keelson/apimachinery'
import type { Container, PodSpec } from '../kinds/core/pod-types.ts'
import { isHugePages, quantityOf } from './resources.ts'

type List = 'requests' | 'limits'

/**
 * All containers together, or what starting needs, whichever is more: containers that start before the others count one by one,
 * those of them that go on running count from then on.
 */
export function aggregateResources(spec: PodSpec, list: List): ReadonlyMap<string, Quantity> {
  let running = new Map<string, Quantity>()
  const starting = new Map<string, Quantity>()
  for (const container of spec.initContainers ?? []) {
    const needed = new Map(running)
    for (const [name, amount] of amountsOf(container, list)) add(needed, name, amount)
    for (const [name, amount] of needed) raise(starting, name, amount)
    if (container.restartPolicy === 'Always') running = needed
  }
  for (const container of spec.containers ?? []) {
    for (const [name, amount] of amountsOf(container, list)) add(running, name, amount)
  }
  for (const [name, amount] of starting) raise(running, name, amount)
  return running
}

function raise(amounts: Map<string, Quantity>, name: string, amount: Quantity): void {
  const most = amounts.get(name)
  if (most === undefined || amount.compare(most) > 0) amounts.set(name, amount)
}

const amountsOf = ({ resources }: Container, list: List): [name: string, amount: Quantity][] =>
  Object.entries(resources?.[list] ?? {}).map(([name, text]) => [name, quantityOf(text)])

function add(totals: Map<string, Quantity>, name: string, amount: Quantity): void {
  totals.set(name, (totals.get(name) ?? new Quantity(0n, amount.format)).add(amount))
}

/** `path`: that of the pod's resources. */
export function checkPodLevelResources(errors: FieldError[], spec: PodSpec, path: FieldPath): void {
  const { requests = {}, limits = {} } = spec.resources ?? {}
  for (const [name, amount] of aggregateResources(spec, 'requests')) {
    const text = requests[name]
    if (text === undefined || amount.compare(quantityOf(text)) <= 0) continue
    const detail = `must be greater than or equal to aggregate container requests of ${amount}`
    errors.push(fieldInvalid(path.child('requests').key(name), text, detail))
  }
  for (const [name, amount] of aggregateResources(spec, 'limits')) {
    const text = limits[name]
    if (!isHugePages(name) || text === undefined || amount.compare(quantityOf(text)) <= 0) continue
    const detail = `must be greater than or equal to aggregate container limits of ${amount}`
    errors.push(fieldInvalid(path.child('limits').key(name), text, detail))
  }
  for (const [index, { resources }] of (spec.containers ?? []).entries()) {
    for (const [name, text] of Object.entries(resources?.limits ?? {})) {
      const limit = limits[name]
      if (limit === undefined || quantityOf(text).compare(quantityOf(limit)) <= 0) continue
      const at = path.child('containers').index(index).key(name).child('limits')
      errors.push(fieldInvalid(at, text, `must be less than or equal to pod limits of ${limit}`))
    }
  }
}
