// Client CPU of a create and of a big range, as a ratio to etcd3: the same etcd, the same bytes, 64 creates in flight.
import { randomUUID } from 'node:crypto'
import { Etcd3 } from 'etcd3'
import { startEtcd } from '../testing/etcd-process.ts'
import { keyIn } from '../testing/keys.ts'
import { allPages } from '../testing/pages.ts'
import { createEtcdStorage } from './storage.ts'

const CREATES = 4000
const IN_FLIGHT = 64
const ROUNDS = 3
const VALUE = Buffer.alloc(2048, 'x')
const LISTED = 10_000

await using cluster = await startEtcd()
await using storage = await createEtcdStorage({ endpoints: cluster.endpoints, compactionIntervalMs: 0 })
const etcd3 = new Etcd3({ hosts: [...cluster.endpoints], grpcOptions: { 'grpc.max_receive_message_length': -1 } })

const ourCreate = async (): Promise<void> => {
  await storage.create(keyIn('/registry/bench/', randomUUID()), VALUE)
}
const theirCreate = async (): Promise<void> => {
  const key = `/registry/bench/${randomUUID()}`
  await etcd3.if(key, 'Mod', '==', 0).then(etcd3.put(key).value(VALUE)).else(etcd3.get(key)).commit()
}
const ourList = async (): Promise<void> => {
  await allPages(storage, '/registry/listed/')
}
const theirList = async (): Promise<void> => {
  await etcd3.getAll().prefix('/registry/listed/').exec()
}

await inParallel(LISTED, async (index) => {
  await storage.create(keyIn('/registry/listed/', `${index}`), VALUE)
})
report(
  'create of 2 KB, client CPU µs',
  await medianCpu(() => inParallel(CREATES, ourCreate), CREATES),
  await medianCpu(() => inParallel(CREATES, theirCreate), CREATES),
)
report(`list of ${LISTED} x 2 KB, client CPU µs`, await medianCpu(ourList, 1), await medianCpu(theirList, 1))
etcd3.close()

function report(what: string, ours: number, theirs: number): void {
  console.log(`${what}: ours ${ours.toFixed(0)}, etcd3 ${theirs.toFixed(0)}, ratio ${(ours / theirs).toFixed(2)}`)
}

async function inParallel(count: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count) await run(next++)
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane))
}

/** µs of CPU of this process per operation: the median of some rounds after one to warm up. */
async function medianCpu(run: () => Promise<void>, operations: number): Promise<number> {
  const figures: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const start = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(start)
    if (round > 0) figures.push((user + system) / operations)
  }
  return figures.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0
}
