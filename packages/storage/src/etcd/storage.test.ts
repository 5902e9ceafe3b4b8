// etcd under the contract suite: three members, shared by all tests of the suite.
import { after, before } from 'node:test'
import { contractSuite } from '../testing/contract.ts'
import { type EtcdCluster, startEtcd } from '../testing/etcd-process.ts'
import { createEtcdStorage } from './storage.ts'

let etcd: EtcdCluster
before(async () => {
  etcd = await startEtcd({ members: 3 })
})
after(() => etcd[Symbol.asyncDispose]())

contractSuite('etcd', () => createEtcdStorage({ endpoints: etcd.endpoints, compactionIntervalMs: 0 }))
