// Ctrl-C and SIGTERM for the commands that run until they are told to stop.

/** `npm start` passes on a Ctrl-C that the terminal has sent to every process already: those within this time are one. */
const SAME_SIGNAL_MS = 1_000

/** Resolves at the first signal. A later one that is meant ends the process at once, with what its `exit` listeners clean up. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAt: number | undefined
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] satisfies NodeJS.Signals[]) {
      process.on(signal, () => {
        firstAt ??= Date.now()
        if (Date.now() - firstAt > SAME_SIGNAL_MS) process.exit(1)
        resolve(signal)
      })
    }
  })
}
