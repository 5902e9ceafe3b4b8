import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '../kinds/core/pod-types.ts'
import { podSpecDifference } from './pod-difference.ts'

const spec = (fields: Partial<PodSpec>): PodSpec => ({ containers: [{ name: 'a', image: 'b' }], ...fields })

test('a refused change is shown as upstream holds it: every field, what is absent as null', () => {
  const before = spec({ volumes: [{ name: 'data', emptyDir: {} }] })
  const after = spec({ volumes: [{ name: 'data', hostPath: { path: '/x' } }] })
  assert.equal(
    podSpecDifference(before, after),
    `@@ -2,11 +2,11 @@
  "Volumes": [
   {
    "Name": "data",
-   "HostPath": null,
-   "EmptyDir": {
-    "Medium": "",
-    "SizeLimit": null
+   "HostPath": {
+    "Path": "/x",
+    "Type": null
    },
+   "EmptyDir": null,
    "GCEPersistentDisk": null,
    "AWSElasticBlockStore": null,
    "GitRepo": null,
`,
  )
})

test('what is shared with the node stands in the security context', () => {
  const difference = podSpecDifference(spec({}), spec({ hostNetwork: true }))
  assert.match(difference, /\n {2}"SecurityContext": \{\n- {2}"HostNetwork": false,\n\+ {2}"HostNetwork": true,\n/)
})

test('limits are sorted by name', () => {
  const limits = { memory: '1Gi', cpu: '1' }
  const difference = podSpecDifference(spec({}), spec({ resources: { limits } }))
  assert.match(difference, /\+ {3}"cpu": "1",\n\+ {3}"memory": "1Gi"\n/)
})
