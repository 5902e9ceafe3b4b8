// Ingress and IngressClass as the schema lets them be.
import type { KubeObject } from '@keelson/apimachinery'

interface TypedReference {
  /** The schema has null for what must be there and is not. */
  apiGroup?: string | null
  kind?: string
  name?: string
}

export interface IngressBackend {
  service?: { name?: string; port?: { name?: string; number?: number } }
  resource?: TypedReference
}

export interface IngressPath {
  path?: string
  pathType?: string | null
  backend?: IngressBackend
}

export interface Ingress extends KubeObject {
  spec?: {
    ingressClassName?: string
    defaultBackend?: IngressBackend
    tls?: { hosts?: string[]; secretName?: string }[]
    rules?: { host?: string; http?: { paths?: IngressPath[] | null } }[]
  }
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } }
}

export interface IngressClass extends KubeObject {
  spec?: {
    controller?: string
    parameters?: TypedReference & { scope?: string | null; namespace?: string }
  }
}
