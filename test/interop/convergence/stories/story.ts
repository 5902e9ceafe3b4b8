// A story: what one user of the cluster does, and waits for. All stories run at once, on both servers alike.
import type { Kubelets } from '../kubelets.ts'
import type { Side } from '../side.ts'

export interface Stage {
  readonly side: Side
  readonly kubelets: Kubelets
}

export type Story = (stage: Stage) => Promise<void>
