// Node ports: one bitmap in one object of the store, upstream's RangeAllocation at /registry/ranges/servicenodeports.
// Every change reads it, sets or clears bits and writes it guarded by the revision read, so replicas never hand out a port
// twice. A crash between this and the service's own write leaks ports; the repair loop gives them back.
import { StatusError, internalError } from '@keelson/apimachinery'
import { type Revision, type Storage, toStorageKey } from '@keelson/storage'
import { AllocationError } from './cluster-ip.ts'

export interface PortRange {
  readonly first: number
  readonly last: number
}

/** `30000-32767` (both included) or `30000+2767`. Throws an Error that names the text. */
export function parsePortRange(text: string): PortRange {
  const match = /^(\d{1,5})([-+])(\d{1,5})$/.exec(text)
  const first = Number(match?.[1])
  const last = match?.[2] === '+' ? first + Number(match[3]) : Number(match?.[3])
  if (match === null || first < 1 || last > 65535 || last < first)
    throw new Error(`${text} is not a range of ports such as 30000-32767`)
  return { first, last }
}

/** Attempts of one change against other replicas' changes; each loser sees the winner's bitmap. */
const MAX_ATTEMPTS = 50

export class NodePortAllocator {
  readonly range: PortRange
  readonly #storage: Storage
  readonly #key

  constructor(range: PortRange, storage: Storage, prefix = '/registry') {
    this.range = range
    this.#storage = storage
    this.#key = toStorageKey(`${prefix}/ranges/servicenodeports`)
  }

  get text(): string {
    return `${this.range.first}-${this.range.last}`
  }

  contains(port: number): boolean {
    return port >= this.range.first && port <= this.range.last
  }

  /** Takes these ports, all or none. AllocationError for one outside the range or taken. */
  async allocate(ports: readonly number[]): Promise<void> {
    await this.#change((bitmap) => {
      for (const port of ports) {
        if (!this.contains(port)) {
          throw new AllocationError(`provided port is not in the valid range. The range of valid ports is ${this.text}`)
        }
        if (bitmap.has(port - this.range.first)) throw new AllocationError('provided port is already allocated')
        bitmap.add(port - this.range.first)
      }
    })
  }

  /** Takes any free port. AllocationError when there is none. */
  async allocateNext(): Promise<number> {
    let found = 0
    await this.#change((bitmap) => {
      const offset = this.#firstFree(bitmap)
      if (offset === undefined) throw new AllocationError('range is full', true)
      bitmap.add(offset)
      found = this.range.first + offset
    })
    return found
  }

  async release(ports: readonly number[]): Promise<void> {
    if (ports.length === 0) return
    await this.#change((bitmap) => {
      for (const port of ports) bitmap.delete(port - this.range.first)
    })
  }

  /** The ports that are taken now. */
  async allocated(): Promise<number[]> {
    const { bitmap } = await this.#read()
    return [...bitmap].map((offset) => this.range.first + offset)
  }

  /** KEP-3668: any free port of the upper band from a random start, then the lower one. */
  #firstFree(bitmap: ReadonlySet<number>): number | undefined {
    const size = this.range.last - this.range.first + 1
    const band = size < 16 ? 0 : Math.min(Math.max(Math.floor(size / 32), 16), 128)
    for (const [from, to] of [
      [band, size],
      [0, band],
    ] as const) {
      const count = to - from
      const start = Math.floor(Math.random() * count)
      for (let i = 0; i < count; i++) {
        const offset = from + ((start + i) % count)
        if (!bitmap.has(offset)) return offset
      }
    }
    return undefined
  }

  async #change(edit: (bitmap: Set<number>) => void): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { bitmap, revision } = await this.#read()
      edit(bitmap)
      const value = encodeRange(this.text, bitmap)
      const result =
        revision === undefined
          ? await this.#storage.create(this.#key, value)
          : await this.#storage.update(this.#key, revision, value)
      if (result.outcome === 'created' || result.outcome === 'updated') return
    }
    throw new StatusError(409, 'Conflict', 'the allocation of node ports was changed by others too often; try again')
  }

  async #read(): Promise<{ readonly bitmap: Set<number>; readonly revision: Revision | undefined }> {
    const stored = await this.#storage.get(this.#key)
    if (stored === undefined) return { bitmap: new Set(), revision: undefined }
    return { bitmap: decodeRange(stored.value, this.text), revision: stored.modRevision }
  }
}

/** The bitmap is upstream's: a big-endian integer whose bit N is port first+N. */
function encodeRange(range: string, bitmap: ReadonlySet<number>): Buffer {
  const highest = Math.max(-1, ...bitmap)
  const bytes = Buffer.alloc(Math.floor((highest + 8) / 8))
  for (const offset of bitmap) {
    const index = bytes.length - 1 - (offset >> 3)
    bytes[index] = (bytes[index] ?? 0) | (1 << (offset & 7))
  }
  const object = { kind: 'RangeAllocation', apiVersion: 'v1', metadata: {}, range, data: bytes.toString('base64') }
  return Buffer.from(`${JSON.stringify(object)}\n`)
}

function decodeRange(value: Buffer, range: string): Set<number> {
  if (value.subarray(0, 4).equals(Buffer.from('k8s\0'))) {
    throw internalError(
      'the node port range in the store is in protobuf; start the other API server with --storage-media-type=application/json',
    )
  }
  const object = JSON.parse(value.toString()) as { range?: string; data?: string } // RangeAllocation, upstream's or our own.
  if (object.range !== undefined && object.range !== '' && object.range !== range) {
    throw internalError(`the node port range in the store is ${object.range}, this server was started with ${range}`)
  }
  const bytes = Buffer.from(object.data ?? '', 'base64')
  const bitmap = new Set<number>()
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[bytes.length - 1 - index] ?? 0
    for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) bitmap.add(index * 8 + bit)
  }
  return bitmap
}
