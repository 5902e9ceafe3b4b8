// Tells a transaction that is lost from one that is slow, by what becomes of the others.
//
// When a leader dies, etcd silently forgets what was on its way to it: sending again soon shortens the gap. When etcd is
// only busy, sending again makes it busier. The cluster answers in about the order it was asked in, so:
//  - nothing at all was answered lately: the leader is gone;
//  - what was sent well after a transaction has been answered: that transaction is lost;
//  - else it waits in a queue, like the rest.

/** Without an answer for this long, a transaction may be lost. */
const SUSPICIOUS_MS = 400
/** "Well after." */
const OVERTAKEN_BY_MS = 200
/** Sent again in any case. */
const LOST_MS = 1500

export class WriteProgress {
  #lastAnswerMs = 0
  /** When the most recently sent of all answered transactions was sent. */
  #lastAnsweredSentMs = 0

  /** A transaction that was sent at `sentMs` has an answer (`performance.now()` times). */
  answered(sentMs: number, nowMs: number): void {
    this.#lastAnswerMs = nowMs
    if (sentMs > this.#lastAnsweredSentMs) this.#lastAnsweredSentMs = sentMs
  }

  /** Whether a transaction that was sent at `sentMs` and has no answer should be sent again. */
  isOverdue(sentMs: number, nowMs: number): boolean {
    const waitedMs = nowMs - sentMs
    if (waitedMs < SUSPICIOUS_MS) return false
    if (waitedMs >= LOST_MS) return true
    return nowMs - this.#lastAnswerMs >= SUSPICIOUS_MS || this.#lastAnsweredSentMs - sentMs >= OVERTAKEN_BY_MS
  }
}
