export { checkHistory, type FinalObject } from './checker.ts'
export {
  History,
  type ObservedEvent,
  type ReadRecord,
  type Violation,
  type WatchSegment,
  type WriteRecord,
} from './history.ts'
export { type Report, startWorkload, type Workload, type WorkloadOptions } from './workload.ts'
export { startWatcher, type Watcher } from './watchers.ts'
