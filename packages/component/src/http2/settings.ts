// What a peer says of itself in SETTINGS (RFC 9113 §6.5).
import { ConnectionError, DEFAULT_MAX_FRAME_BYTES, ErrorCode, MAX_WINDOW_BYTES, Setting } from './frames.ts'

const MAX_FRAME_SIZE_LIMIT = 2 ** 24 - 1

/** Calls `apply` for each setting in order, when it may have its value. @throws {ConnectionError} */
export function readSettings(payload: Buffer, apply: (id: number, value: number) => void): void {
  for (let at = 0; at + 6 <= payload.length; at += 6) {
    const id = payload.readUInt16BE(at)
    const value = payload.readUInt32BE(at + 2)
    if (id === Setting.enablePush && value > 1) throw new ConnectionError(ErrorCode.protocolError, 'ENABLE_PUSH')
    if (id === Setting.maxFrameSize && (value < DEFAULT_MAX_FRAME_BYTES || value > MAX_FRAME_SIZE_LIMIT))
      throw new ConnectionError(ErrorCode.protocolError, 'MAX_FRAME_SIZE')
    if (id === Setting.initialWindowSize && value > MAX_WINDOW_BYTES)
      throw new ConnectionError(ErrorCode.flowControlError, 'INITIAL_WINDOW_SIZE')
    apply(id, value)
  }
}
