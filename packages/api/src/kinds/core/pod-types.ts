// The shape of a Pod in JSON: the fields that defaults, validation, admission and rows look at. The schema has checked the
// types before anyone reads them.
import type { JsonObject, KubeObject, ObjectMeta } from '@keelson/apimachinery'
import type { WindowsOptions } from '../../validation/windows-options.ts'

export interface Pod extends KubeObject {
  spec: PodSpec
  status?: PodStatus
}

export interface PodTemplateSpec {
  metadata?: ObjectMeta
  spec?: PodSpec
}

export interface PodSpec {
  volumes?: Volume[]
  containers?: Container[]
  initContainers?: Container[]
  ephemeralContainers?: EphemeralContainer[]
  restartPolicy?: string
  terminationGracePeriodSeconds?: number
  activeDeadlineSeconds?: number
  dnsPolicy?: string
  nodeSelector?: Record<string, string>
  serviceAccountName?: string
  serviceAccount?: string
  automountServiceAccountToken?: boolean
  nodeName?: string
  hostNetwork?: boolean
  hostPID?: boolean
  hostIPC?: boolean
  hostUsers?: boolean
  shareProcessNamespace?: boolean
  securityContext?: PodSecurityContext
  imagePullSecrets?: { name?: string }[]
  hostname?: string
  hostnameOverride?: string
  setHostnameAsFQDN?: boolean
  subdomain?: string
  affinity?: Affinity
  schedulerName?: string
  tolerations?: Toleration[]
  hostAliases?: { ip?: string; hostnames?: string[] }[]
  priorityClassName?: string
  priority?: number
  dnsConfig?: { nameservers?: string[]; searches?: string[]; options?: { name?: string; value?: string }[] }
  readinessGates?: { conditionType?: string }[]
  runtimeClassName?: string
  enableServiceLinks?: boolean
  preemptionPolicy?: string
  overhead?: ResourceList
  topologySpreadConstraints?: TopologySpreadConstraint[]
  os?: { name?: string }
  schedulingGates?: { name?: string }[]
  resourceClaims?: PodResourceClaim[]
  resources?: ResourceRequirements
  schedulingGroup?: { podGroupName?: string }
}

/** Quantities in canonical text by resource name. */
export type ResourceList = Record<string, string>

export interface ResourceRequirements {
  limits?: ResourceList
  requests?: ResourceList
  claims?: { name?: string; request?: string }[]
}

export interface PodResourceClaim {
  name?: string
  resourceClaimName?: string
  resourceClaimTemplateName?: string
}

export interface ContainerPort {
  name?: string
  hostPort?: number
  containerPort?: number
  protocol?: string
  hostIP?: string
}

export interface Container {
  name?: string
  image?: string
  command?: string[]
  args?: string[]
  ports?: ContainerPort[]
  envFrom?: EnvFromSource[]
  env?: EnvVar[]
  resources?: ResourceRequirements
  resizePolicy?: { resourceName?: string; restartPolicy?: string }[]
  restartPolicy?: string
  restartPolicyRules?: ContainerRestartRule[]
  volumeMounts?: VolumeMount[]
  volumeDevices?: { name?: string; devicePath?: string }[]
  livenessProbe?: Probe
  readinessProbe?: Probe
  startupProbe?: Probe
  lifecycle?: { postStart?: Handler; preStop?: Handler; stopSignal?: string }
  terminationMessagePath?: string
  terminationMessagePolicy?: string
  imagePullPolicy?: string
  securityContext?: SecurityContext
}

export interface EphemeralContainer extends Container {
  targetContainerName?: string
}

export interface ContainerRestartRule {
  action?: string
  exitCodes?: { operator?: string; values?: number[] }
}

export interface EnvVar {
  name?: string
  value?: string
  valueFrom?: {
    fieldRef?: ObjectFieldSelector
    resourceFieldRef?: ResourceFieldSelector
    configMapKeyRef?: { name?: string; key?: string }
    secretKeyRef?: { name?: string; key?: string }
    fileKeyRef?: { volumeName?: string; path?: string; key?: string; optional?: boolean }
  }
}

export interface EnvFromSource {
  prefix?: string
  configMapRef?: { name?: string }
  secretRef?: { name?: string }
}

export interface ObjectFieldSelector {
  apiVersion?: string
  fieldPath?: string
}

export interface ResourceFieldSelector {
  containerName?: string
  resource?: string
  divisor?: string
}

export interface VolumeMount {
  name?: string
  readOnly?: boolean
  recursiveReadOnly?: string
  mountPath?: string
  subPath?: string
  subPathExpr?: string
  mountPropagation?: string
}

export interface Handler {
  exec?: { command?: string[] }
  httpGet?: {
    path?: string
    port?: number | string
    scheme?: string
    httpHeaders?: { name?: string; value?: string }[]
  }
  tcpSocket?: { port?: number | string }
  grpc?: { port?: number; service?: string }
  sleep?: { seconds?: number }
}

export interface Probe extends Handler {
  initialDelaySeconds?: number
  timeoutSeconds?: number
  periodSeconds?: number
  successThreshold?: number
  failureThreshold?: number
  terminationGracePeriodSeconds?: number
}

export interface SeccompProfile {
  type?: string
  localhostProfile?: string
}

export interface SecurityContext {
  capabilities?: { add?: string[]; drop?: string[] }
  privileged?: boolean
  seLinuxOptions?: JsonObject
  windowsOptions?: WindowsOptions
  runAsUser?: number
  runAsGroup?: number
  runAsNonRoot?: boolean
  readOnlyRootFilesystem?: boolean
  allowPrivilegeEscalation?: boolean
  procMount?: string
  seccompProfile?: SeccompProfile
  appArmorProfile?: SeccompProfile
}

export interface PodSecurityContext {
  seLinuxOptions?: JsonObject
  windowsOptions?: WindowsOptions
  runAsUser?: number
  runAsGroup?: number
  supplementalGroups?: number[]
  supplementalGroupsPolicy?: string
  fsGroup?: number
  sysctls?: { name?: string; value?: string }[]
  fsGroupChangePolicy?: string
  seccompProfile?: SeccompProfile
  appArmorProfile?: SeccompProfile
  seLinuxChangePolicy?: string
}

export interface LabelSelectorObject {
  matchLabels?: Record<string, string>
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[]
}

export interface NodeSelectorTerm {
  matchExpressions?: { key?: string; operator?: string; values?: string[] }[]
  matchFields?: { key?: string; operator?: string; values?: string[] }[]
}

export interface NodeSelector {
  nodeSelectorTerms?: NodeSelectorTerm[]
}

export interface NodeAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: NodeSelector
  preferredDuringSchedulingIgnoredDuringExecution?: { weight?: number; preference?: NodeSelectorTerm }[]
}

export interface PodAffinityTerm {
  labelSelector?: LabelSelectorObject
  namespaces?: string[]
  topologyKey?: string
  namespaceSelector?: LabelSelectorObject
  matchLabelKeys?: string[]
  mismatchLabelKeys?: string[]
}

export interface PodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[]
  preferredDuringSchedulingIgnoredDuringExecution?: { weight?: number; podAffinityTerm?: PodAffinityTerm }[]
}

export interface Affinity {
  nodeAffinity?: NodeAffinity
  podAffinity?: PodAffinity
  podAntiAffinity?: PodAffinity
}

export interface Toleration {
  key?: string
  operator?: string
  value?: string
  effect?: string
  tolerationSeconds?: number
}

export interface TopologySpreadConstraint {
  maxSkew?: number
  topologyKey?: string
  whenUnsatisfiable?: string
  labelSelector?: LabelSelectorObject
  minDomains?: number
  nodeAffinityPolicy?: string
  nodeTaintsPolicy?: string
  matchLabelKeys?: string[]
}

export interface KeyToPath {
  key?: string
  path?: string
  mode?: number
}

export interface DownwardFile {
  path?: string
  fieldRef?: ObjectFieldSelector
  resourceFieldRef?: ResourceFieldSelector
  mode?: number
}

export interface VolumeProjection {
  secret?: { name?: string; items?: KeyToPath[]; optional?: boolean }
  configMap?: { name?: string; items?: KeyToPath[]; optional?: boolean }
  downwardAPI?: { items?: DownwardFile[] }
  serviceAccountToken?: { audience?: string; expirationSeconds?: number; path?: string }
  clusterTrustBundle?: {
    name?: string
    signerName?: string
    labelSelector?: LabelSelectorObject
    path?: string
  }
  podCertificate?: {
    signerName?: string
    keyType?: string
    maxExpirationSeconds?: number
    credentialBundlePath?: string
    keyPath?: string
    certificateChainPath?: string
  }
}

/** One of the sources; those that only a few rules look at are plain trees. */
export interface Volume {
  name?: string
  emptyDir?: { medium?: string; sizeLimit?: string }
  hostPath?: { path?: string; type?: string }
  secret?: { secretName?: string; items?: KeyToPath[]; defaultMode?: number; optional?: boolean }
  configMap?: { name?: string; items?: KeyToPath[]; defaultMode?: number; optional?: boolean }
  projected?: { sources?: VolumeProjection[]; defaultMode?: number }
  downwardAPI?: { items?: DownwardFile[]; defaultMode?: number }
  persistentVolumeClaim?: { claimName?: string; readOnly?: boolean }
  ephemeral?: { volumeClaimTemplate?: { metadata?: ObjectMeta; spec?: PersistentVolumeClaimSpec } }
  nfs?: { server?: string; path?: string }
  image?: { reference?: string; pullPolicy?: string }
  csi?: { driver?: string; nodePublishSecretRef?: { name?: string }; [field: string]: unknown }
  iscsi?: IscsiSource
  rbd?: JsonObject
  azureDisk?: JsonObject
  scaleIO?: JsonObject
  [source: string]: unknown
}

export interface IscsiSource {
  targetPortal?: string
  iqn?: string
  lun?: number
  iscsiInterface?: string
  initiatorName?: string
  chapAuthDiscovery?: boolean
  chapAuthSession?: boolean
  secretRef?: { name?: string }
}

export interface PersistentVolumeClaimSpec {
  accessModes?: string[]
  selector?: LabelSelectorObject
  resources?: ResourceRequirements
  volumeName?: string
  storageClassName?: string
  volumeMode?: string
  dataSource?: JsonObject
  dataSourceRef?: JsonObject
  volumeAttributesClassName?: string
}

export interface ContainerState {
  waiting?: { reason?: string }
  running?: { startedAt?: string }
  terminated?: { exitCode?: number; signal?: number; reason?: string; startedAt?: string; finishedAt?: string }
}

export interface ContainerStatus {
  resources?: ResourceRequirements
  name?: string
  state?: ContainerState
  lastState?: ContainerState
  ready?: boolean
  started?: boolean
  restartCount?: number
}

export interface PodCondition {
  type?: string
  status?: string
  reason?: string
  message?: string
  observedGeneration?: number
  lastProbeTime?: string | null
  lastTransitionTime?: string | null
}

export interface PodStatus {
  nodeAllocatableResourceClaimStatuses?: unknown[]
  resourceClaimStatuses?: { name?: string; resourceClaimName?: string }[]
  phase?: string
  reason?: string
  qosClass?: string
  nominatedNodeName?: string
  hostIP?: string
  podIP?: string
  hostIPs?: { ip?: string }[]
  podIPs?: { ip?: string }[]
  startTime?: string
  observedGeneration?: number
  conditions?: PodCondition[]
  containerStatuses?: ContainerStatus[]
  initContainerStatuses?: ContainerStatus[]
  ephemeralContainerStatuses?: ContainerStatus[]
}
