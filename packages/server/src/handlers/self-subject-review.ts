// POST selfsubjectreviews: tells the client who it is (`kubectl auth whoami`).
import { findResource, schemaFor } from '@keelson/api'
import type { Handler, UserInfo } from '../context.ts'
import { representationOf } from '../representation/representation.ts'
import { respondObject } from '../representation/respond-object.ts'
import { readObject } from './decode-body.ts'
import { parseWriteOptions } from './write-options.ts'

export const selfSubjectReview: Handler = async (context) => {
  const definition = context.resource ?? findResource('authentication.k8s.io', 'v1', 'selfsubjectreviews')
  if (definition === undefined || context.user === undefined)
    throw new Error('a review has reached its handler without a user')
  representationOf(context, definition, 'object')
  const options = parseWriteOptions(context.query, 'CreateOptions')
  await readObject(context, schemaFor(definition), options.fieldValidation)
  const review = {
    kind: 'SelfSubjectReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { creationTimestamp: `${new Date().toISOString().slice(0, 19)}Z` },
    status: { userInfo: userInfoOf(context.user) },
  }
  respondObject(
    context,
    { definition, strategy: {} },
    { json: Buffer.from(JSON.stringify(review)), object: review },
    201,
  )
}

/** authentication.k8s.io/v1 UserInfo: what is empty is left out. */
function userInfoOf({ name, uid, groups, extra }: UserInfo): object {
  return {
    username: name,
    ...(uid !== '' && { uid }),
    ...(groups.length > 0 && { groups }),
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}
