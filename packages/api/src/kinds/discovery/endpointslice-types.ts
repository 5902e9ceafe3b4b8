// EndpointSlice as the schema lets it be.
import type { KubeObject } from '@keelson/apimachinery'

export interface Endpoint {
  addresses?: string[] | null
  nodeName?: string
  hostname?: string
  deprecatedTopology?: Record<string, string>
  hints?: { forZones?: { name?: string }[]; forNodes?: { name?: string }[] }
}

export interface EndpointSlice extends KubeObject {
  addressType?: string
  endpoints?: Endpoint[] | null
  ports?: { name?: string; port?: number; protocol?: string; appProtocol?: string }[] | null
}
