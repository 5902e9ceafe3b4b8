// What an API server must be told. `keelson apiserver` fills this from flags, `keelson dev` and tests by hand.
import type { ServedResources } from '@keelson/api'
import type { FeatureGates } from '@keelson/component'
import type { Storage } from '@keelson/storage'

/** The part of a pino logger that the server uses. */
export interface ServerLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** PEM files. They are read again when they change, without a restart. */
export interface TlsFiles {
  readonly certFile: string
  readonly keyFile: string
  /** Clients whose certificate this authority signed are known by it; undefined: no client certificates. */
  readonly clientCaFile: string | undefined
}

export interface ApiServerOptions {
  /** Closed by the caller, after shutdown(). */
  readonly storage: Storage
  /** Where objects are in the store; `/registry` by default. */
  readonly storagePrefix?: string
  readonly bindAddress: string
  /** 0: any free port; see ApiServer.port. */
  readonly port: number
  readonly tls: TlsFiles
  /** Lines of `token,user,uid,"group,group"`. */
  readonly tokenAuthFile?: string
  /** One CIDR, or two separated by a comma, such as `10.0.0.0/24`. */
  readonly serviceClusterIpRange: string
  /** Both ends included, such as `30000-32767`. */
  readonly serviceNodePortRange: string
  /** Address and port that clients in the cluster reach this server by (HAProxy's). Undefined: none is advertised. */
  readonly advertiseAddress?: string
  readonly advertisePort?: number
  readonly endpointReconcilerType: 'lease' | 'none'
  /** How long a server that was told to stop keeps serving while balancers learn of it. */
  readonly shutdownDelayMs: number
  /** Least number of events kept per resource, by name (`pods`, `deployments.apps`); 0 is the default for all. */
  readonly watchCacheSizes?: Readonly<Record<string, number>>
  /** Requests in flight (watches aside), as upstream's flags of these names: 400 and 200. 0: no limit. */
  readonly maxRequestsInflight?: number
  readonly maxMutatingRequestsInflight?: number
  /** A request without its own timeout ends after this long: 60 s. */
  readonly requestTimeoutMs?: number
  /** Watches without timeoutSeconds last between this and twice this: 30 min. */
  readonly minRequestTimeoutMs?: number
  /** Which built-in resources there are to clients; all by default. Discovery, OpenAPI and default objects follow. */
  readonly served?: ServedResources
  /** As by default when not given. */
  readonly featureGates?: FeatureGates
  /** Unique per replica: names the identity Lease. By default made from host name and port. */
  readonly identity?: string
  readonly logger: ServerLogger
}

export interface ApiServer {
  /** The port that is listened on, also while the store cannot be reached yet. */
  readonly port: number
  /** Resolves when /readyz would say yes for the first time; rejects when the server is shut down before that. */
  readonly ready: Promise<void>
  /** A planned stop: see DESIGN §7. Idempotent; resolves when no connection is left. */
  shutdown(): Promise<void>
}
