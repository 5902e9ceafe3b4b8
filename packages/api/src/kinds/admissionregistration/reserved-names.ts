// Names that are kept for configurations out of files.
import { type KubeObject, goQuote } from '@keelson/apimachinery'

const SUFFIX = '.static.k8s.io'

export const reservedNameWarnings = ({ metadata }: KubeObject): string[] =>
  metadata.name?.endsWith(SUFFIX)
    ? [
        `metadata.name: names ending with ${goQuote(SUFFIX)} are reserved for static manifest-based configurations and cannot be managed via the API`,
      ]
    : []
