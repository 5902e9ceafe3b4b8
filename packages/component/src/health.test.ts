import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HealthChecks, pingCheck } from './health.ts'

const broken = { name: 'etcd', check: () => Promise.reject(new Error('connection refused')) }
const ask = (checks: HealthChecks, path = '', query = '') => checks.answer(path, new URLSearchParams(query))

describe('health', () => {
  it('is ok when all is well', async () => {
    const checks = new HealthChecks('livez')
    assert.deepEqual(await ask(checks), { code: 200, body: 'ok', failed: [] })
    assert.equal((await ask(checks, '', 'verbose')).body, '[+]ping ok\nlivez check passed\n')
  })

  it('lists what failed, and keeps the reason', async () => {
    const answer = await ask(new HealthChecks('readyz', [pingCheck, broken]))
    assert.equal(answer.code, 500)
    assert.equal(answer.body, '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n')
    assert.deepEqual(
      answer.failed.map(({ name }) => name),
      ['etcd'],
    )
  })

  it('leaves out what it is told to', async () => {
    const answer = await ask(new HealthChecks('readyz', [pingCheck, broken]), '', 'verbose&exclude=etcd&exclude=x')
    assert.equal(answer.code, 200)
    assert.equal(
      answer.body,
      '[+]ping ok\n[+]etcd excluded: ok\nwarn: some health checks cannot be excluded: no matches for "x"\nreadyz check passed\n',
    )
  })

  it('answers for one check alone', async () => {
    const checks = new HealthChecks('readyz', [pingCheck, broken])
    checks.add({ name: 'poststarthook/rbac', check: () => {} })
    assert.equal((await ask(checks, 'poststarthook/rbac', 'verbose')).body, 'ok')
    assert.deepEqual((await ask(checks, 'nosuch')).code, 404)
    assert.equal((await ask(checks, 'etcd')).body, 'internal server error: connection refused\n')
  })

  it('does not wait for a check that hangs', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const aborted = Promise.withResolvers<void>()
    const hanging = {
      name: 'slow',
      check: (signal: AbortSignal) => {
        signal.addEventListener('abort', () => aborted.resolve())
        return new Promise<void>(() => {})
      },
    }
    const answer = ask(new HealthChecks('readyz', [hanging]))
    context.mock.timers.tick(10_000)
    assert.equal((await answer).code, 500)
    await aborted.promise
  })
})
