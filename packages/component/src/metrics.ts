// Metrics in Prometheus' text form: a registry a process, with children that hot paths keep (an increment of
// a kept child is a third cheaper than a lookup by labels).
import { createRequire } from 'node:module'
import type { Registry } from 'prom-client'

export interface CounterChild {
  inc(amount?: number): void
}
export interface GaugeChild {
  set(value: number): void
  inc(amount?: number): void
  dec(amount?: number): void
}
export interface HistogramChild {
  observe(value: number): void
}

/** One metric with labels; `child` gives the same object for the same values, so it can be asked for each time or kept. */
export interface Vector<Child> {
  child(...labelValues: readonly string[]): Child
  /** Forgets one child: its series is no longer exposed. */
  remove(...labelValues: readonly string[]): void
}

/** More label combinations than this share one child, whose labels all say `other`: a scrape stays bounded. */
const MAX_CHILDREN = 5000

// Loaded at the first registry, not at import: it costs some 30 ms.
let loaded: typeof import('prom-client') | undefined

export class Metrics {
  readonly #library: typeof import('prom-client')
  readonly registry: Registry

  constructor() {
    loaded ??= createRequire(import.meta.url)('prom-client') as typeof import('prom-client') // require() is untyped.
    this.#library = loaded
    this.registry = new this.#library.Registry()
  }

  counter(name: string, help: string, labelNames: readonly string[] = []): Vector<CounterChild> {
    const metric = new this.#library.Counter({ name, help, labelNames, registers: [this.registry] })
    return new CachedVector(
      labelNames.length,
      (values) => metric.labels(...values),
      (values) => metric.remove(...values),
    )
  }

  gauge(name: string, help: string, labelNames: readonly string[] = []): Vector<GaugeChild> {
    const metric = new this.#library.Gauge({ name, help, labelNames, registers: [this.registry] })
    return new CachedVector(
      labelNames.length,
      (values) => metric.labels(...values),
      (values) => metric.remove(...values),
    )
  }

  /** Read at each scrape. */
  gaugeFunction(name: string, help: string, read: () => number): void {
    new this.#library.Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read())
      },
    })
  }

  /** Several labelled values read together at each scrape: label value → value. */
  gaugeFamily(name: string, help: string, labelName: string, read: () => Readonly<Record<string, number>>): void {
    new this.#library.Gauge({
      name,
      help,
      labelNames: [labelName],
      registers: [this.registry],
      collect() {
        for (const [label, value] of Object.entries(read())) this.set({ [labelName]: label }, value)
      },
    })
  }

  /** A total that something else counts, read at each scrape. */
  counterFunction(name: string, help: string, read: () => number): void {
    new this.#library.Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }

  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
  ): Vector<HistogramChild> {
    const metric = new this.#library.Histogram({
      name,
      help,
      labelNames,
      buckets: [...buckets],
      registers: [this.registry],
    })
    return new CachedVector(
      labelNames.length,
      (values) => metric.labels(...values),
      (values) => metric.remove(...values),
    )
  }

  /** The body of `/metrics`, and its content type. */
  async expose(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() }
  }
}

class CachedVector<Child> implements Vector<Child> {
  readonly #children = new Map<string, Child>()
  readonly #size: number
  readonly #make: (values: string[]) => Child
  readonly #forget: (values: string[]) => void

  constructor(size: number, make: (values: string[]) => Child, forget: (values: string[]) => void) {
    this.#size = size
    this.#make = make
    this.#forget = forget
  }

  child(...labelValues: readonly string[]): Child {
    const key = labelValues.length === 1 ? labelValues[0]! : labelValues.join('\0')
    const known = this.#children.get(key)
    if (known !== undefined) return known
    if (this.#children.size >= MAX_CHILDREN && !labelValues.every((value) => value === 'other')) {
      return this.child(...Array.from({ length: this.#size }, () => 'other'))
    }
    const child = this.#make([...labelValues])
    this.#children.set(key, child)
    return child
  }

  remove(...labelValues: readonly string[]): void {
    this.#children.delete(labelValues.join('\0'))
    this.#forget([...labelValues])
  }
}
