import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlagError, parseFlags } from '@keelson/component'
import { checkFlags, FLAG_TABLE, flagHelp, serverOptions } from './apiserver-flags.ts'

const parse = (...args: string[]) => parseFlags(['--etcd-servers=http://127.0.0.1:2379', ...args], FLAG_TABLE)

test('upstream names and defaults become the options of the server', () => {
  const { watchCacheSizes, served, featureGates, ...rest } = serverOptions(
    parse(
      '--secure-port',
      '7443',
      '--advertise-address=10.1.2.3',
      '--advertise-port=6443',
      '--watch-cache-sizes=pods#1000,leases.coordination.k8s.io#0',
    ),
  )
  assert.deepEqual(rest, {
    storagePrefix: '/registry',
    bindAddress: '0.0.0.0',
    port: 7443,
    serviceClusterIpRange: '10.0.0.0/24',
    serviceNodePortRange: '30000-32767',
    endpointReconcilerType: 'lease',
    shutdownDelayMs: 0,
    advertiseAddress: '10.1.2.3',
    advertisePort: 6443,
    maxRequestsInflight: 400,
    maxMutatingRequestsInflight: 200,
    requestTimeoutMs: 60_000,
    minRequestTimeoutMs: 1_800_000,
  })
  assert.equal(served?.isComplete, true)
  assert.deepEqual(featureGates?.changed, [])
  assert.deepEqual(watchCacheSizes, { pods: 1000, 'leases.coordination.k8s.io': 0 })
})

test('what upstream has and we ignore is no error; what upstream lacks is', () => {
  assert.deepEqual(parse('--allow-privileged', '--authorization-mode=RBAC', '-v=2').ignored, [
    'allow-privileged',
    'authorization-mode',
  ])
  assert.throws(
    () => parse('--etcd-server=x'),
    (error: Error) => error instanceof FlagError && /unknown flag: --etcd-server .*--etcd-servers/.test(error.message),
  )
})

test('resources and features are switched on and off as upstream does it', () => {
  const { served, featureGates } = serverOptions(
    parse('--runtime-config=apps/v1/daemonsets=false,policy/v1=false', '--feature-gates=WatchList=false'),
  )
  assert.equal(served?.findResource('apps', 'v1', 'daemonsets'), undefined)
  assert.deepEqual(featureGates?.changed, ['WatchList'])
  for (const flag of ['--runtime-config=nope/v1=true', '--feature-gates=Nope=true', '--feature-gates=WatchList'])
    assert.throws(() => serverOptions(parse(flag)), FlagError)
})

test('combinations that cannot work are refused by name', () => {
  assert.throws(() => checkFlags(parseFlags([], FLAG_TABLE)), /--etcd-servers must be specified/)
  assert.throws(() => checkFlags(parse('--etcd-servers=etcd:2379')), /--etcd-servers "etcd:2379" must be a URL/)
  assert.throws(
    () => checkFlags(parse('--tls-cert-file=a')),
    /--tls-cert-file and --tls-private-key-file must be given together/,
  )
  assert.throws(() => checkFlags(parse('--client-ca-file=/missing/ca.crt')), /--client-ca-file: ENOENT.*ca\.crt/)
  assert.throws(() => checkFlags(parse(`--client-ca-file=${import.meta.filename}`)), /there is no certificate in/)
  assert.throws(
    () => checkFlags(parse(`--token-auth-file=${import.meta.filename}`)),
    (error) => error instanceof FlagError && /^--token-auth-file: .* line 1 must be token,user,uid/.test(error.message),
  )
  assert.throws(() => checkFlags(parse('--service-cluster-ip-range=10.0.0.1')), /10\.0\.0\.1 is not a CIDR/)
  assert.throws(() => checkFlags(parse('extra')), /unknown argument "extra"/)
  assert.throws(() => serverOptions(parse('--secure-port=70000')), /--secure-port 70000 must be between/)
  assert.throws(() => serverOptions(parse('--endpoint-reconciler-type=dns')), /must be lease or none/)
  assert.throws(() => serverOptions(parse('--watch-cache-sizes=pods')), /resource\[\.group\]#size/)
})

test('help lists what is obeyed', () => {
  assert.match(flagHelp(), /--etcd-servers strings/)
  assert.doesNotMatch(flagHelp(), /--allow-privileged/)
})
