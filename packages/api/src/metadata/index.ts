// Metadata rules: pure functions over ObjectMeta that the registry calls.
export { validateFinalizerDomains, validateFinalizers, validateOwnerReferences } from './owners.ts'
export { ensureNamespace, generateName, prepareMetadataForCreate, prepareMetadataForUpdate } from './prepare.ts'
export { type MetadataRules, creationRules, metadataRulesOf } from './rules.ts'
export { validateMetadata, validateMetadataUpdate } from './validate.ts'
export { metadataChecksOf } from './update-checks.ts'
