// Every namespace has a ServiceAccount `default`, which Pods that name none run as: made with the namespace, made again when it is
// deleted. A namespace that is going gets none.
//
//   namespace added ──┐
//                     ├─► queue ─► namespace is active, account is missing ─► create
//   account deleted ──┘
import { type KubeObject, StatusError } from '@keelson/apimachinery'
import { Informer, ResourceClient, workOff } from '@keelson/client'
import type { Controller, ControllerContext } from '../controller.ts'
import { controllerQueue } from '../queue.ts'
import { tellWatchFailures } from '../watch-failures.ts'

const ACCOUNT = 'default'
const SERVICE_ACCOUNTS = { group: '', version: 'v1', resource: 'serviceaccounts' }

export function createServiceAccountController(context: ControllerContext): Controller {
  const { client, logger, workers } = context
  return {
    async run(signal) {
      const queue = controllerQueue<string>('serviceaccount', context)
      const metadataOf = (what: string) => ({ metadata: true, onError: tellWatchFailures(logger, what) })
      const namespaces = new Informer(client, '/api/v1/namespaces', metadataOf('namespaces'))
      const accountsPath = `/api/v1/serviceaccounts?fieldSelector=metadata.name%3D${ACCOUNT}`
      const accounts = new Informer(client, accountsPath, metadataOf('service accounts'))
      const enqueue = ({ metadata }: KubeObject): void => queue.add(metadata.name ?? '')
      namespaces.addHandlers({ added: enqueue, updated: (_, namespace) => enqueue(namespace) })
      accounts.addHandlers({ deleted: ({ metadata }) => queue.add(metadata.namespace ?? '') })

      const reconcile = async (namespace: string): Promise<void> => {
        const found = namespaces.store.get(namespace)
        if (found === undefined || found.metadata.deletionTimestamp !== undefined) return
        if (accounts.store.get(`${namespace}/${ACCOUNT}`) !== undefined) return
        const account = { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name: ACCOUNT, namespace } }
        const existing = new ResourceClient(client, SERVICE_ACCOUNTS, { namespace })
        await existing.create(account, {}, signal).catch(unlessSettled)
      }
      const failed = (error: unknown, namespace: string): void =>
        logger.warn({ err: error, namespace }, 'a default service account could not be made and is tried again')
      const work = async (): Promise<void> => {
        // Before, every account looks missing.
        await accounts.whenSynced(signal)
        await workOff(queue, { workers, reconcile, onError: failed }, signal)
      }
      await Promise.all([namespaces.run(signal), accounts.run(signal), work().catch(unlessAborted)])

      function unlessAborted(error: unknown): void {
        if (!signal.aborted) throw error
      }
    },
  }
}

/** Somebody else made it, or the namespace is going or gone: there is nothing to make. */
function unlessSettled(error: unknown): void {
  if (!(error instanceof StatusError)) throw error
  const isGoing = error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true
  if (error.code !== 409 && error.code !== 404 && !isGoing) throw error
}
