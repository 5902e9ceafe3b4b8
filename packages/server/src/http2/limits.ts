// The numbers of a connection: what a client may have, and for how long.

export const MAX_CONCURRENT_STREAMS = 100
/** Bodies of all streams together that nobody has read yet. */
export const CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024
/** A connection without streams ends after this; as upstream, and as long as clients keep theirs. */
export const IDLE_TIMEOUT_MS = 90_000
/** A header block that began must be whole by then. */
export const HEADERS_TIMEOUT_MS = 32_000
/** How long a client may take to answer the PING of a GOAWAY. */
export const PING_TIMEOUT_MS = 2_000
/** How long a client may take to read the last words and close its side. */
export const LAST_WORDS_MS = 1_000
/** What a client may make us answer (PING, SETTINGS, RST_STREAM) while it does not read. */
export const MAX_CONTROL_BYTES = 1024 * 1024
