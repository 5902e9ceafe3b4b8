// Watch events as a watch's clients want them: lines of JSON here, frames of protobuf in event-frames.ts.
import { apiVersionOf, PROTOBUF, type Status } from '@keelson/apimachinery'
import type { CacheEntry, Revision } from '@keelson/storage'
import { partialMetadataOf } from '../representation/partial-metadata.ts'
import type { Representation } from '../representation/representation.ts'
import {
  bookmarkRow,
  type RepresentedResource,
  TABLE_CLOSING,
  tableOpening,
  tableRow,
} from '../representation/table.ts'
import type { ChunkBuilder } from './chunk.ts'
import type { SeenType } from './event-filter.ts'
import { EventFrames } from './event-frames.ts'

const LINE_START: Readonly<Record<SeenType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
}
const LINE_END = Buffer.from('}\n')

export interface EventEncoder {
  readonly representation: Representation
  readonly contentType: string
  /** `withColumns`: the first Table of a watch carries the column definitions, the later ones do not. */
  add(chunk: ChunkBuilder, type: SeenType, entry: CacheEntry, withColumns: boolean): void
  bookmark(revision: Revision, withColumns: boolean, endOfInitialEvents: boolean): Buffer
  /** An ERROR event. */
  error(status: Status): Buffer
}

export const eventEncoder = (resource: RepresentedResource, representation: Representation): EventEncoder =>
  representation.mediaType === PROTOBUF
    ? new EventFrames(resource, representation)
    : new EventLines(resource, representation)

class EventLines implements EventEncoder {
  readonly resource: RepresentedResource
  readonly representation: Representation
  readonly contentType = 'application/json'

  constructor(resource: RepresentedResource, representation: Representation) {
    this.resource = resource
    this.representation = representation
  }

  add(chunk: ChunkBuilder, type: SeenType, entry: CacheEntry, withColumns: boolean): void {
    chunk.add(LINE_START[type])
    switch (this.representation.shape) {
      case 'object':
        chunk.add(entry.json)
        break
      case 'partial':
        chunk.add(partialMetadataOf(entry, this.representation.metaApiVersion))
        break
      case 'table':
        chunk.add(
          Buffer.from(
            tableOpening(this.resource, this.representation, `{"resourceVersion":"${entry.revision}"}`, withColumns),
          ),
        )
        chunk.add(tableRow(this.resource, this.representation, entry, new Date()))
        chunk.add(TABLE_END)
    }
    chunk.add(LINE_END)
  }

  bookmark(revision: Revision, withColumns: boolean, endOfInitialEvents: boolean): Buffer {
    const annotations = endOfInitialEvents ? ',"annotations":{"k8s.io/initial-events-end":"true"}' : ''
    const metadata = `{"resourceVersion":"${revision}"${annotations}}`
    return Buffer.from(`{"type":"BOOKMARK","object":${this.#bookmarkObject(metadata, revision, withColumns)}}\n`)
  }

  error(status: Status): Buffer {
    return Buffer.from(`{"type":"ERROR","object":${JSON.stringify(status)}}\n`)
  }

  #bookmarkObject(metadata: string, revision: Revision, withColumns: boolean): string {
    const { definition } = this.resource
    switch (this.representation.shape) {
      case 'object':
        return `{"kind":"${definition.kind}","apiVersion":"${apiVersionOf(definition.group, definition.version)}","metadata":${metadata}}`
      case 'partial':
        return `{"kind":"PartialObjectMetadata","apiVersion":"${this.representation.metaApiVersion}","metadata":${metadata}}`
      case 'table': {
        const opening = tableOpening(
          this.resource,
          this.representation,
          `{"resourceVersion":"${revision}"}`,
          withColumns,
        )
        return opening + bookmarkRow(this.resource, metadata, this.representation) + TABLE_CLOSING
      }
    }
  }
}

const TABLE_END = Buffer.from(TABLE_CLOSING)
