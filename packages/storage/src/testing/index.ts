export { contractSuite, type MakeStorage } from './contract.ts'
export { bytes, freshPrefix, keyIn } from './keys.ts'
export { WatchLog, watchTo, watchUntil } from './watch-log.ts'
export { type EtcdCluster, type EtcdClusterOptions, type EtcdMember, findEtcd, startEtcd } from './etcd-process.ts'
