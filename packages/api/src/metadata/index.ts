// Metadata rules: pure functions over ObjectMeta that the registry calls.
export { validateFinalizerDomains, validateFinalizers, validateOwnerReferences } from './owners.ts'
export { ensureNamespace, generateName, prepareMetadataForCreate, prepareMetadataForUpdate } from './prepare.ts'
export { type MetadataRules, rulesForObject, metadataRulesOf } from './rules.ts'
export { checkMetadataUpdate, validateMetadata, validateMetadataUpdate } from './validate.ts'
export {
  METADATA_CHECKED,
  checksOwnMetadata,
  type MetadataCheck,
  metadataChecksOf,
  withMetadataErrors,
} from './update-checks.ts'
