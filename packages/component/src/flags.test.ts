import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { apiserverFlagTable } from './apiserver-flags.ts'
import { FlagError, type FlagTable, parseFlags } from './flags.ts'

const table: FlagTable = {
  name: { type: 'string', default: 'x', handled: true },
  verbose: { type: 'bool', handled: true },
  'etcd-servers': { type: 'strings', handled: true },
  'key-file': { type: 'stringArray', handled: true },
  ttl: { type: 'duration', default: '1h0m0s', handled: true },
  port: { type: 'int', default: '6443', handled: true },
  gates: { type: 'map', handled: false },
}

const refused = (args: string[], message: RegExp | string): void => {
  assert.throws(() => parseFlags(args, table), { name: 'FlagError', message })
}

describe('flags', () => {
  it('are read in every form that upstream reads', () => {
    const flags = parseFlags(
      ['--name=a', '--verbose', '--etcd-servers', 'x,y', '--etcd_servers=z', '--ttl=90s', 'rest', '--', '--name'],
      table,
    )
    assert.equal(flags.string('name'), 'a')
    assert.equal(flags.boolean('verbose'), true)
    assert.deepEqual(flags.list('etcd-servers'), ['x', 'y', 'z'])
    assert.equal(flags.durationMs('ttl'), 90_000)
    assert.equal(flags.number('port'), 6443)
    assert.deepEqual(flags.positional, ['rest', '--name'])
  })

  it('have defaults, and the last value wins', () => {
    const flags = parseFlags(['--name=a', '--name=b', '--verbose=false', '--key-file=a,b', '--key-file=c'], table)
    assert.equal(flags.string('name'), 'b')
    assert.equal(flags.boolean('verbose'), false)
    assert.deepEqual(flags.list('key-file'), ['a,b', 'c'])
    assert.equal(flags.durationMs('ttl'), 3_600_000)
    assert.equal(flags.isGiven('ttl'), false)
    assert.deepEqual(parseFlags([], table).list('etcd-servers'), [])
  })

  it('that are accepted and change nothing are listed', () => {
    const flags = parseFlags(['--gates=A=true,B=false', '--gates=C=1'], table)
    assert.deepEqual(flags.ignored, ['gates'])
    assert.deepEqual(
      [...flags.pairs('gates')],
      [
        ['A', 'true'],
        ['B', 'false'],
        ['C', '1'],
      ],
    )
  })

  it('that are wrong are named, with what was meant', () => {
    refused(['--etcd-server=a'], 'unknown flag: --etcd-server (did you mean --etcd-servers?)')
    refused(['--zzzzzz'], 'unknown flag: --zzzzzz')
    refused(['--constructor'], 'unknown flag: --constructor')
    refused(['--name'], 'flag needs an argument: --name')
    refused(['--port=x'], 'invalid argument "x" for "--port": it must be an integer')
    refused(['--ttl=5'], /must be a duration/)
    refused(['--gates=A'], /key=value pairs/)
    refused(['--verbose=maybe'], /true or false/)
  })

  it('of kube-apiserver are all known', () => {
    const known = apiserverFlagTable(['etcd-servers', 'event-ttl'], { 'own-flag': { type: 'bool', handled: true } })
    const flags = parseFlags(
      [
        '--etcd-servers=http://127.0.0.1:2379',
        '--allow-privileged',
        '--service-node-port-range=30000-32767',
        '-v=2',
        '--own-flag',
      ],
      known,
    )
    assert.deepEqual(flags.ignored, ['allow-privileged', 'service-node-port-range', 'v'])
    assert.equal(flags.durationMs('event-ttl'), 3_600_000)
    assert.equal(flags.list('kubelet-preferred-address-types').length, 5)
    assert.ok(Object.keys(known).length > 165)
    assert.throws(() => apiserverFlagTable(['no-such-flag']), /no-such-flag/)
  })

  it('throw nothing but their own error', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(fc.string(), fc.constantFrom('--name', '--port=', '--ttl=1h', '--verbose', '-', '--', '--=')),
        ),
        (args) => {
          try {
            parseFlags(args, table)
          } catch (error) {
            assert.ok(error instanceof FlagError)
          }
        },
      ),
    )
  })
})
