// The write context of the server's own writes: no request is behind them.
import type { WriteContext } from './registry/types.ts'

export const SYSTEM_WRITE: WriteContext = {
  user: { name: 'system:apiserver', uid: '', groups: ['system:masters', 'system:authenticated'], extra: {} },
  dryRun: false,
  fieldManager: 'kube-apiserver',
  addWarning: () => {},
  signal: undefined,
}
