import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLogger } from './logging.ts'
import { LoopBudget } from './loop-budget.ts'
import { Metrics } from './metrics.ts'
import { nearest } from './nearest.ts'
import { registerProcessMetrics } from './process-metrics.ts'

describe('logs', () => {
  it('are one JSON object a line, with time, level and part', () => {
    const lines: string[] = []
    const logger = createLogger({ component: 'apiserver', destination: { write: (line) => void lines.push(line) } })
    logger.child({ part: 'watch' }).warn({ watchers: 3 }, 'parked')
    logger.debug('not said')
    const [line, ...more] = lines.map((text): Record<string, unknown> => JSON.parse(text))
    assert.equal(more.length, 0)
    assert.equal(line?.['level'], 'warn')
    assert.equal(line?.['part'], 'watch')
    assert.equal(line?.['msg'], 'parked')
    assert.match(String(line?.['time']), /^\d{4}-\d\d-\d\dT/)
  })

  it('never say a secret', () => {
    const lines: string[] = []
    const logger = createLogger({ component: 'apiserver', destination: { write: (line) => void lines.push(line) } })
    logger.info({ token: 'hush', headers: { authorization: 'Bearer hush', cookie: 'hush' } }, 'request')
    assert.doesNotMatch(lines.join(''), /hush/)
  })
})

describe('metrics', () => {
  it('are exposed as Prometheus reads them', async () => {
    const metrics = new Metrics()
    const requests = metrics.counter('apiserver_request_total', 'Requests.', ['verb', 'code'])
    requests.child('GET', '200').inc()
    requests.child('GET', '200').inc(2)
    metrics.histogram('apiserver_request_duration_seconds', 'Time.', [], [0.1, 1]).child().observe(0.5)
    metrics.gaugeFunction('keelson_watchers', 'Watchers.', () => 7)
    const { body, contentType } = await metrics.expose()
    assert.match(contentType, /^text\/plain/)
    assert.match(body, /apiserver_request_total\{verb="GET",code="200"\} 3\n/)
    assert.match(body, /apiserver_request_duration_seconds_bucket\{le="1"\} 1\n/)
    assert.match(body, /keelson_watchers 7\n/)
  })

  it('keep one child for each combination, and not too many', async () => {
    const metrics = new Metrics()
    const paths = metrics.counter('paths_total', 'Paths.', ['path'])
    assert.equal(paths.child('a'), paths.child('a'))
    for (let index = 0; index < 6000; index++) paths.child(`/${index}`).inc()
    assert.equal(paths.child('/new'), paths.child('other'))
    paths.remove('a')
    const { body } = await metrics.expose()
    assert.doesNotMatch(body, /path="a"/)
  })

  it('of the process are there', async () => {
    const metrics = new Metrics()
    using registered = registerProcessMetrics(metrics)
    assert.ok(registered)
    const { body } = await metrics.expose()
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'process_start_time_seconds']) {
      assert.match(body, new RegExp(`^${name} [0-9.e+]+$`, 'm'))
    }
    assert.match(body, /keelson_event_loop_delay_seconds\{quantile="0.99"\} /)
  })
})

describe('the loop budget', () => {
  it('lets others have their turn', async () => {
    const budget = new LoopBudget(0)
    let turns = 0
    setImmediate(() => turns++)
    assert.equal(budget.spent(), true)
    await budget.yieldToLoop()
    assert.equal(turns, 1)
    assert.equal(new LoopBudget(60_000).spent(), false)
  })
})

describe('the nearest word', () => {
  it('is the one probably meant', () => {
    assert.equal(nearest('etcd-server', ['etcd-servers', 'event-ttl']), 'etcd-servers')
    assert.equal(nearest('zzz', ['etcd-servers']), undefined)
  })
})
