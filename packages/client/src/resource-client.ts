// The verbs of one resource, by name: paths, queries and options are made here. `metadata: true` asks for and answers
// PartialObjectMetadata, for those who need no more.
import { type GroupVersionResource, type KubeObject, StatusError } from '@keelson/apimachinery'
import {
  type KubeClient,
  type ListAnswer,
  type PatchType,
  type RequestOptions,
  type WatchEvent,
  listOf,
} from './client.ts'

export interface ListOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  readonly allowWatchBookmarks?: boolean
  readonly sendInitialEvents?: boolean
  readonly timeoutSeconds?: number
}

export interface WriteOptions {
  readonly fieldManager?: string
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  readonly dryRun?: 'All'
}

export interface PatchOptions extends WriteOptions {
  /** `status`, `scale`, ... */
  readonly subresource?: string
  /** Of an apply: takes fields from other managers. */
  readonly force?: boolean
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly dryRun?: readonly ['All']
}

export interface ResourceClientOptions {
  /** All namespaces without one (for lists and watches), and for what is cluster-scoped. */
  readonly namespace?: string | undefined
  readonly metadata?: boolean
}

/** Objects that a page holds when a list is read in pages: client-go's. */
const PAGE_SIZE = 500
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

export class ResourceClient<T extends KubeObject = KubeObject> {
  readonly #client: KubeClient
  readonly #resource: GroupVersionResource
  readonly #options: ResourceClientOptions

  constructor(client: KubeClient, resource: GroupVersionResource, options: ResourceClientOptions = {}) {
    this.#client = client
    this.#resource = resource
    this.#options = options
  }

  namespace(namespace: string): ResourceClient<T> {
    return new ResourceClient<T>(this.#client, this.#resource, { ...this.#options, namespace })
  }

  /** `/apis/apps/v1/namespaces/NAMESPACE/deployments[/NAME[/SUBRESOURCE]]` */
  path(name?: string, subresource?: string): string {
    return resourcePath(this.#resource, this.#options.namespace, name, subresource)
  }

  get(name: string, signal?: AbortSignal): Promise<T> {
    return this.#call('GET', this.path(name), { signal })
  }

  async list(options: ListOptions = {}, signal?: AbortSignal): Promise<ListAnswer<T>> {
    const accept = this.#options.metadata === true ? METADATA_LIST : undefined
    const path = `${this.path()}${queryOf(options)}`
    const answer = await this.#client.request('GET', path, { signal, ...(accept !== undefined && { accept }) })
    return listOf<T>(answer)
  }

  /** In pages. When the revision of the pages is gone before the last one (410), what is left comes as one page of now. */
  async *pages(options: ListOptions = {}, signal?: AbortSignal): AsyncGenerator<ListAnswer<T>, void> {
    let next = options.continue
    do {
      let page: ListAnswer<T>
      try {
        page = await this.list({ limit: PAGE_SIZE, ...options, ...(next !== undefined && { continue: next }) }, signal)
      } catch (error) {
        if (!(error instanceof StatusError) || error.code !== 410 || next === undefined) throw error
        const { limit: _, continue: __, ...whole } = options
        page = await this.list(whole, signal)
      }
      yield page
      next = page.metadata.continue || undefined
    } while (next !== undefined)
  }

  watch(options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent[], void> {
    const accept = this.#options.metadata === true ? METADATA : undefined
    return this.#client.watch(`${this.path()}${queryOf({ watch: true, ...options })}`, signal, accept)
  }

  create(object: unknown, options: WriteOptions = {}, signal?: AbortSignal): Promise<T> {
    return this.#call('POST', `${this.path()}${queryOf(options)}`, { body: object, signal })
  }

  update(object: KubeObject, options: WriteOptions = {}, signal?: AbortSignal): Promise<T> {
    return this.updateSubresource(object, '', options, signal)
  }

  updateStatus(object: KubeObject, options: WriteOptions = {}, signal?: AbortSignal): Promise<T> {
    return this.updateSubresource(object, 'status', options, signal)
  }

  updateSubresource(
    object: KubeObject,
    subresource: string,
    options: WriteOptions = {},
    signal?: AbortSignal,
  ): Promise<T> {
    const path = this.path(object.metadata.name ?? '', subresource)
    return this.#call('PUT', `${path}${queryOf(options)}`, { body: object, signal })
  }

  patch(
    name: string,
    patch: unknown,
    contentType: PatchType,
    { subresource, ...options }: PatchOptions = {},
    signal?: AbortSignal,
  ): Promise<T> {
    const path = `${this.path(name, subresource)}${queryOf(options)}`
    return this.#call('PATCH', path, { body: patch, contentType, signal })
  }

  /** Server-side apply: what stands in `object` becomes the manager's. */
  apply(
    name: string,
    object: unknown,
    options: PatchOptions & { readonly fieldManager: string },
    signal?: AbortSignal,
  ): Promise<T> {
    return this.patch(name, object, 'application/apply-patch+yaml', options, signal)
  }

  /** Answers the object while it is kept (a grace period, finalizers), else a Status. */
  delete(name: string, options: DeleteOptions = {}, signal?: AbortSignal): Promise<KubeObject> {
    return this.#call('DELETE', this.path(name), { body: deleteBody(options), signal })
  }

  deleteCollection(options: DeleteOptions = {}, which: ListOptions = {}, signal?: AbortSignal): Promise<KubeObject> {
    const accept = this.#options.metadata === true ? METADATA_LIST : undefined
    return this.#client.request('DELETE', `${this.path()}${queryOf(which)}`, {
      body: deleteBody(options),
      signal,
      ...(accept !== undefined && { accept }),
    })
  }

  async #call<Answer extends KubeObject = T>(method: string, path: string, options: RequestOptions): Promise<Answer> {
    const accept = this.#options.metadata === true ? METADATA : 'application/json'
    return (await this.#client.request(method, path, { ...options, accept })) as Answer // The answer to a request for this kind.
  }
}

export function resourcePath(
  { group, version, resource }: GroupVersionResource,
  namespace?: string,
  name?: string,
  subresource?: string,
): string {
  const parts = [
    group === '' ? '/api' : `/apis/${group}`,
    version,
    ...(namespace === undefined || namespace === '' ? [] : ['namespaces', encodeURIComponent(namespace)]),
    resource,
    ...(name === undefined ? [] : [encodeURIComponent(name)]),
    ...(subresource === undefined || subresource === '' ? [] : [subresource]),
  ]
  return parts.join('/')
}

/** `?a=1&b=2`, or '' when nothing is asked. */
export function queryOf(options: object): string {
  const said = Object.entries(options).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  )
  return said.length === 0 ? '' : `?${new URLSearchParams(said).toString()}`
}

const deleteBody = (options: DeleteOptions): object => ({
  apiVersion: 'v1',
  kind: 'DeleteOptions',
  ...options,
})
