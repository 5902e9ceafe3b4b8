// What both ends of an HTTP/2 connection need (RFC 9113, RFC 7541): the server's is in @keelson/server, the client's in
// @keelson/storage.
export * from './frame-checks.ts'
export * from './frame-reader.ts'
export * from './frames.ts'
export * from './header-blocks.ts'
export * from './hpack-decoder.ts'
export * from './hpack-encoder.ts'
export * from './outgoing-stream.ts'
export * from './output.ts'
export * from './receive-window.ts'
export * from './settings.ts'
