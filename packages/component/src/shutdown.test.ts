import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Shutdown } from './shutdown.ts'

describe('shutdown', () => {
  it('runs its steps in order, once', async () => {
    const shutdown = new Shutdown()
    const order: string[] = []
    shutdown.add({ name: 'drain', run: async () => void order.push('drain') })
    shutdown.add({ name: 'close', run: () => void order.push('close') })
    const results = await Promise.all([shutdown.run('test'), shutdown.run('again')])
    assert.deepEqual(order, ['drain', 'close'])
    assert.deepEqual(results, [true, true])
    assert.equal(shutdown.signal.aborted, true)
  })

  it('goes on after a step that fails or is late', async () => {
    const shutdown = new Shutdown()
    let closed = false
    shutdown.add({ name: 'broken', run: () => Promise.reject(new Error('no')) })
    shutdown.add({ name: 'late', timeoutMs: 1, run: () => new Promise(() => {}) })
    shutdown.add({
      name: 'close',
      run: () => {
        closed = true
      },
    })
    assert.equal(await shutdown.run('test'), false)
    assert.equal(closed, true)
  })

  it('begins with a signal; a second one ends at once', async () => {
    const shutdown = new Shutdown()
    const exits: number[] = []
    const ended = Promise.withResolvers<void>()
    shutdown.add({ name: 'wait', run: () => ended.promise })
    using listening = shutdown.listen((code) => void exits.push(code))
    assert.ok(listening)
    process.emit('SIGTERM', 'SIGTERM')
    process.emit('SIGINT', 'SIGINT')
    assert.deepEqual(exits, [1])
    ended.resolve()
    await shutdown.run('again')
    await Promise.resolve()
    assert.deepEqual(exits, [1, 0])
  })
})
