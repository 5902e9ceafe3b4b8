// The objects that the stories make, and where they are.

export interface Template {
  readonly image?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly spec?: object
}

export const core = (namespace: string, resource: string): string => `/api/v1/namespaces/${namespace}/${resource}`
export const apps = (namespace: string, resource: string): string => `/apis/apps/v1/namespaces/${namespace}/${resource}`
export const batch = (namespace: string, resource: string): string =>
  `/apis/batch/v1/namespaces/${namespace}/${resource}`
export const policy = (namespace: string): string => `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`

/** A Pod's template with one container; `app` is its label. */
export function template(app: string, { image = 'web:1', annotations, labels, spec }: Template = {}): object {
  return {
    metadata: { labels: { app, ...labels }, ...(annotations !== undefined && { annotations }) },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image, resources: { requests: { cpu: '10m', memory: '16Mi' } } }],
      ...spec,
    },
  }
}

export interface Workload extends Template {
  readonly replicas?: number
  /** More of the workload's own spec. */
  readonly more?: object
}

/** A Deployment, ReplicaSet, StatefulSet or DaemonSet. */
export function workload(name: string, { replicas, more, ...of }: Workload = {}): { metadata: object; spec: object } {
  return {
    metadata: { name, labels: { app: name } },
    spec: {
      ...(replicas !== undefined && { replicas }),
      selector: { matchLabels: { app: name } },
      template: template(name, of),
      ...more,
    },
  }
}

export interface JobWish {
  readonly exitCode?: number
  readonly seconds?: number
  /** Of an indexed Job. */
  readonly failIndexes?: string
  /** More of the Job's own spec. */
  readonly more?: object
}

export function jobSpec(name: string, { exitCode = 0, seconds = 2, failIndexes, more }: JobWish = {}): object {
  const annotations = {
    'simulated/exit-code': String(exitCode),
    'simulated/seconds': String(seconds),
    ...(failIndexes !== undefined && { 'simulated/fail-indexes': failIndexes }),
  }
  return { template: template(name, { annotations, spec: { restartPolicy: 'Never' } }), ...more }
}

export const job = (name: string, wish: JobWish = {}): { metadata: object; spec: object } => ({
  metadata: { name },
  spec: jobSpec(name, wish),
})

export const service = (name: string, more: object = {}): { metadata: object; spec: object } => ({
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80 }], ...more },
})

export const configMap = (
  name: string,
  metadata: object = {},
): { metadata: object; data: Readonly<Record<string, string>> } => ({ metadata: { name, ...metadata }, data: { name } })

/** The labels of all Pods of a Deployment, changed: another template, so another roll-out. */
export const imagePatch = (image: string): object => ({
  spec: { template: { spec: { containers: [{ name: 'main', image }] } } },
})
