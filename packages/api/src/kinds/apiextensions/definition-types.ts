// CustomResourceDefinitions as the schema lets them be, and in the form in which upstream validates them.
import type { KubeObject } from '@keelson/apimachinery'
import type { JsonSchema } from '../../structural-schema/json-schema.ts'
import type { WebhookClient } from '../admissionregistration/admission-types.ts'

export interface DefinitionNames {
  plural: string
  singular?: string
  shortNames?: string[]
  kind: string
  listKind?: string
  categories?: string[]
}

export interface ResourceSchema {
  openAPIV3Schema?: JsonSchema
}

export interface Subresources {
  status?: object
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string }
}

export interface PrinterColumn {
  name: string
  type: string
  format?: string
  description?: string
  priority?: number
  jsonPath: string
}

export interface SelectableField {
  jsonPath: string
}

/** What versions may have each, and the definition as a whole where all have the same. */
export interface VersionContent {
  schema?: ResourceSchema
  subresources?: Subresources
  additionalPrinterColumns?: PrinterColumn[]
  selectableFields?: SelectableField[]
}

export interface DefinitionVersion extends VersionContent {
  name: string
  served: boolean
  storage: boolean
  deprecated?: boolean
  deprecationWarning?: string
}

export interface ConversionClient extends WebhookClient {
  /** Base64. */
  caBundle?: string
}

export interface DefinitionSpec {
  group: string
  names: DefinitionNames
  scope: string
  versions: DefinitionVersion[] | null
  conversion?: {
    strategy: string
    webhook?: { clientConfig?: ConversionClient; conversionReviewVersions: string[] | null }
  }
  preserveUnknownFields?: boolean
}

export interface DefinitionStatus {
  conditions: { type: string; status: string }[] | null
  acceptedNames: DefinitionNames
  storedVersions: string[] | null
  observedGeneration?: number
}

export interface CustomResourceDefinition extends KubeObject {
  spec: DefinitionSpec
  status: DefinitionStatus
}

// The schema has checked the types of what this gets, and decoding has filled what is required.
export const asDefinition = (object: KubeObject): CustomResourceDefinition => object as CustomResourceDefinition
