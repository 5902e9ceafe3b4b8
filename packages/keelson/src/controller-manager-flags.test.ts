import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlagError } from '@keelson/component'
import { controllerManagerHelp, controllerManagerSettings } from './controller-manager-flags.ts'

/** A file that can be read will do: what is in it is looked at later. */
const KUBECONFIG = `--kubeconfig=${import.meta.filename}`
const settings = (...args: string[]) => {
  const found = controllerManagerSettings([KUBECONFIG, ...args])
  assert.ok(typeof found === 'object')
  return found
}

const ACCOUNTS = 'serviceaccount-controller'

test("the defaults are upstream's, on loopback", () => {
  const { controllers, workers, election, serving, queriesPerSecond, burst } = settings()
  assert.deepEqual(controllers, ['garbage-collector-controller', 'namespace-controller', ACCOUNTS])
  assert.deepEqual(workers, { 'garbage-collector-controller': 20, 'namespace-controller': 10 })
  assert.deepEqual([queriesPerSecond, burst], [20, 30])
  const { identity, ...lease } = election!
  assert.match(identity, /^.+_[0-9a-f-]{36}$/)
  assert.deepEqual(lease, {
    namespace: 'kube-system',
    name: 'keelson-controller-manager',
    leaseDurationMs: 15_000,
    renewDeadlineMs: 10_000,
    retryPeriodMs: 2_000,
  })
  assert.deepEqual(serving, { address: '127.0.0.1', port: 10257, pair: undefined, clientCaFile: undefined })
})

test('controllers stand down by name, alias or flag', () => {
  assert.deepEqual(settings('--controllers=*,-namespace').controllers, ['garbage-collector-controller', ACCOUNTS])
  assert.deepEqual(settings('--controllers=namespace-controller').controllers, ['namespace-controller'])
  // Without a star, what is not named does not run: upstream's rule.
  assert.deepEqual(settings('--controllers=-namespace').controllers, [])
  assert.deepEqual(settings('--controllers=-garbagecollector,*').controllers, ['namespace-controller', ACCOUNTS])
  assert.deepEqual(settings('--enable-garbage-collector=false').controllers, ['namespace-controller', ACCOUNTS])
  assert.equal(settings('--leader-elect=false', '--secure-port=0').election, undefined)
  assert.equal(settings('--secure-port=0').serving, undefined)
})

test('what cannot work is refused by name', () => {
  const refused = (message: RegExp, ...args: string[]): void =>
    assert.throws(
      () => controllerManagerSettings(args),
      (error: Error) => error instanceof FlagError && message.test(error.message),
    )
  refused(/--kubeconfig must be specified/)
  refused(/--kubeconfig: ENOENT/, '--kubeconfig=/missing/kubeconfig')
  refused(/unknown flag: --controler \(did you mean --controllers\?\)/, KUBECONFIG, '--controler=*')
  refused(
    /--controllers: "deployment" is not in the list of known controllers/,
    KUBECONFIG,
    '--controllers=*,deployment',
  )
  refused(/--concurrent-gc-syncs must be at least 1/, KUBECONFIG, '--concurrent-gc-syncs=0')
  refused(/lease-duration must be greater than .*renew-deadline/, KUBECONFIG, '--leader-elect-lease-duration=10s')
  refused(/renew-deadline must be greater than .*retry-period times 1.2/, KUBECONFIG, '--leader-elect-retry-period=9s')
  refused(/--leader-elect-retry-period must be greater than zero/, KUBECONFIG, '--leader-elect-retry-period=0s')
  refused(/must be given together/, KUBECONFIG, `--tls-cert-file=${import.meta.filename}`)
  refused(/--secure-port 70000 must be between/, KUBECONFIG, '--secure-port=70000')
  refused(/unknown argument "extra"/, KUBECONFIG, 'extra')
})

test('help names every flag and the controllers', () => {
  assert.equal(controllerManagerSettings(['--help']), 'help')
  assert.match(controllerManagerHelp(), /--leader-elect bool +\(default true\)/)
  assert.match(controllerManagerHelp(), /garbage-collector-controller, namespace-controller, serviceaccount-controller/)
})
