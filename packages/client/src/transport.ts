// One way to send a request; http1-transport.ts and http2-transport.ts are the two that there are.
import type { Readable } from 'node:stream'

export interface TransportRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
  readonly signal?: AbortSignal
}

export interface TransportResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Ends with an error when the connection is cut. Must be read or destroyed. */
  readonly body: Readable
}

export interface Transport {
  /** Rejects with the socket's error when no answer came (ConnectionError.sent says whether the request went out). */
  request(request: TransportRequest): Promise<TransportResponse>
  /** Cuts every connection; no new one is made. */
  close(): void
}

/** The request got no answer. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  /** False: the connection was never made, the server cannot have seen the request. */
  readonly sent: boolean
  constructor(cause: Error, sent: boolean) {
    super(cause.message, { cause })
    this.sent = sent
  }
}
