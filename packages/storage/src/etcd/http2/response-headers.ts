// Of a response's header block, or its trailers, what a gRPC call needs to know.
import { type HeaderField, MAX_HEADER_LIST_BYTES, entryBytes } from '@keelson/component/http2'

export class ResponseHeaders {
  /** Of HTTP. */
  status = ''
  grpcStatus: string | undefined = undefined
  /** Percent-encoded. */
  grpcMessage = ''
  malformed = false
  #bytes = 0
  #regularBegan = false

  add(field: HeaderField): void {
    const { name, value } = field
    this.#bytes += entryBytes(field)
    const isPseudo = name.startsWith(':')
    if (!field.valid || this.#bytes > MAX_HEADER_LIST_BYTES || (isPseudo && this.#regularBegan)) this.malformed = true
    if (!isPseudo) this.#regularBegan = true
    if (name === ':status') this.status = value
    else if (name === 'grpc-status') this.grpcStatus = value
    else if (name === 'grpc-message') this.grpcMessage = value
    else if (isPseudo) this.malformed = true
  }
}
