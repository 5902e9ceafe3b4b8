// PriorityLevelConfiguration as the schema lets it be.
import type { KubeObject } from '@keelson/apimachinery'

export interface LevelShares {
  nominalConcurrencyShares?: number | null
  lendablePercent?: number
}

export interface Queuing {
  queues?: number
  handSize?: number
  queueLengthLimit?: number
}

export interface LimitedLevel extends LevelShares {
  borrowingLimitPercent?: number
  limitResponse?: { type?: string; queuing?: Queuing }
}

export interface PriorityLevel extends KubeObject {
  spec?: { type?: string; limited?: LimitedLevel; exempt?: LevelShares }
  status?: { conditions?: { type?: string }[] }
}
