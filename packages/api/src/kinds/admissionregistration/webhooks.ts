// Webhook configurations: who is asked about writes.
import type { KubeObject } from '@keelson/apimachinery'
import type { KindStrategy } from '../../resource.ts'
import { validateWebhooks } from '../../validation/webhooks.ts'
import { age } from '../row.ts'
import type { WebhookConfiguration } from './admission-types.ts'
import { reservedNameWarnings } from './reserved-names.ts'

// The schema has checked the types of what all these functions get.
const asConfiguration = (object: KubeObject): WebhookConfiguration => object as WebhookConfiguration

const strategyFor = (isMutating: boolean): KindStrategy => ({
  default(object) {
    for (const webhook of asConfiguration(object).webhooks ?? []) {
      if (webhook.clientConfig?.service !== undefined) webhook.clientConfig.service.port ??= 443
      for (const rule of webhook.rules ?? []) rule.scope ??= '*'
      webhook.failurePolicy ??= 'Fail'
      webhook.matchPolicy ??= 'Equivalent'
      webhook.namespaceSelector ??= {}
      webhook.objectSelector ??= {}
      webhook.timeoutSeconds ??= 10
      if (isMutating) webhook.reinvocationPolicy ??= 'Never'
    }
  },
  validate: (object) => validateWebhooks(asConfiguration(object).webhooks ?? []),
  validateUpdate: (next, old) =>
    validateWebhooks(asConfiguration(next).webhooks ?? [], asConfiguration(old).webhooks ?? []),
  warnings: reservedNameWarnings,
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  row: (object, now) => [object.metadata.name ?? '', asConfiguration(object).webhooks?.length ?? 0, age(object, now)],
})

export const mutatingWebhookConfigurationStrategy: KindStrategy = strategyFor(true)
export const validatingWebhookConfigurationStrategy: KindStrategy = strategyFor(false)
