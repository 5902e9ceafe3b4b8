// The steps that a random life of a store and its cache is made of.
import fc from 'fast-check'
import { testResource } from './objects.ts'

// `a-` sorts before `a/`: namespaces are not in the order of their names.
const NAMESPACES = ['a', 'a-b', 'b'] as const
const NAMES = ['x', 'x-1', 'y', 'zz'] as const
const NODES = ['', 'node-1', 'node-2'] as const
// Pods are there from the start; jobs join and leave at run time.
export const jobs = testResource('jobs', '/registry/jobs/')
const RESOURCES = ['pods', 'jobs'] as const
export type ResourceName = (typeof RESOURCES)[number]

export interface ObjectName {
  readonly of: ResourceName
  readonly namespace: string
  readonly name: string
}

export type Step =
  | ({ readonly do: 'put'; readonly nodeName: string } & ObjectName)
  | ({ readonly do: 'delete' } & ObjectName)
  | { readonly do: 'expire'; readonly objects: readonly ObjectName[] }
  | { readonly do: 'join' }
  | { readonly do: 'leave' }
  | { readonly do: 'other' } // A revision that touches no object of the resource.
  | {
      readonly do: 'list'
      readonly of: ResourceName
      readonly namespace: string
      readonly limit: number
      readonly fresh: boolean
    }
  | {
      readonly do: 'listAt'
      readonly of: ResourceName
      readonly back: number
      readonly namespace: string
      readonly limit: number
    }
  | { readonly do: 'select'; readonly of: ResourceName; readonly nodeName: string; readonly namespace: string }
  | ({ readonly do: 'get' } & ObjectName)
  | { readonly do: 'watch'; readonly of: ResourceName; readonly back: number }
  | { readonly do: 'compact'; readonly back: number }
  | { readonly do: 'turn' }
  | { readonly do: 'hold' }
  | { readonly do: 'release' }
  | { readonly do: 'restart' }

const of = fc.constantFrom(...RESOURCES)
const namespace = fc.constantFrom(...NAMESPACES)
const scope = fc.constantFrom('', ...NAMESPACES)
const name = fc.constantFrom(...NAMES)
const limit = fc.constantFrom(0, 1, 2, 5)
const back = fc.nat({ max: 20 })

const nodeName = fc.constantFrom(...NODES)
const object = fc.record({ of, namespace, name })

const weighed = <Each extends Step>(weight: number, arbitrary: fc.Arbitrary<Each>) => ({ weight, arbitrary })
export const step: fc.Arbitrary<Step> = fc.oneof(
  weighed(8, fc.record({ do: fc.constant('put'), of, namespace, name, nodeName })),
  weighed(4, fc.record({ do: fc.constant('delete'), of, namespace, name })),
  weighed(1, fc.record({ do: fc.constant('expire'), objects: fc.array(object, { minLength: 3, maxLength: 8 }) })),
  weighed(1, fc.record({ do: fc.constant('other') })),
  weighed(3, fc.record({ do: fc.constant('list'), of, namespace: scope, limit, fresh: fc.boolean() })),
  weighed(3, fc.record({ do: fc.constant('listAt'), of, back, namespace: scope, limit })),
  weighed(2, fc.record({ do: fc.constant('select'), of, nodeName, namespace: scope })),
  weighed(2, fc.record({ do: fc.constant('get'), of, namespace, name })),
  weighed(2, fc.record({ do: fc.constant('watch'), of, back })),
  weighed(1, fc.record({ do: fc.constant('compact'), back })),
  weighed(2, fc.record({ do: fc.constant('turn') })),
  weighed(1, fc.record({ do: fc.constant('hold') })),
  weighed(2, fc.record({ do: fc.constant('release') })),
  weighed(1, fc.record({ do: fc.constant('restart') })),
  weighed(1, fc.record({ do: fc.constant('join') })),
  weighed(1, fc.record({ do: fc.constant('leave') })),
)
