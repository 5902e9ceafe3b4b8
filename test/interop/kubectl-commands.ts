// What kubectl is asked, in order, against both servers. `$E` in an environment value is the editor's command.
// Each command runs in namespace `compare`.

export interface KubectlCommand {
  /** As typed after `kubectl`, split at spaces (no argument holds one; use `args` for those). */
  readonly command?: string
  readonly args?: readonly string[]
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Compare the exit status and the sorted lines only: order of arrival differs (watches). */
  readonly sorted?: boolean
  /** Why the answers differ for now: it is reported, and no failure. */
  readonly known?: string
  /** The command is ended after this long (watches that do not end). */
  readonly timeoutMs?: number
}

const nginx = (image: string, replicas = 3): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-deployment
  labels: {app: nginx}
spec:
  replicas: ${replicas}
  selector:
    matchLabels: {app: nginx}
  template:
    metadata:
      labels: {app: nginx}
    spec:
      containers:
      - name: nginx
        image: ${image}
        ports:
        - containerPort: 80
`
const NAMESPACE = `apiVersion: v1
kind: Namespace
metadata: {name: compare}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: compare}
`
const POD = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
  - {name: web, image: "nginx:1.7.9", resources: {requests: {cpu: 100m, memory: 64Mi}}, env: [{name: A, value: b}]}
  volumes: [{name: data, emptyDir: {}}]
`
const OWNED = `apiVersion: v1
kind: ConfigMap
metadata: {name: plain, labels: {a: b}}
data: {key: value, other: "2"}
`

const LIST = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: listed}
  data: {key: value}
- apiVersion: v1
  kind: Service
  metadata: {name: listed}
  spec: {ports: [{port: 80}]}
`

const deployment = 'deployment nginx-deployment'

export const COMMANDS: readonly KubectlCommand[] = [
  { command: 'apply -f -', input: NAMESPACE },
  { command: 'apply -f -', input: nginx('nginx:1.7.9') },
  { command: 'get deployments' },
  { command: 'get deploy nginx-deployment -o wide' },
  { command: `get ${deployment} -o yaml` },
  { command: `get ${deployment} -o json` },
  { command: `get ${deployment} -o jsonpath={.spec.template.spec.containers[0].image}` },
  { command: `get ${deployment} -o name` },
  { command: 'get deployments -o custom-columns=NAME:.metadata.name,IMAGE:.spec.template.spec.containers[*].image' },
  { command: 'get deployments --show-labels' },
  { command: 'get deployments -o go-template={{range.items}}{{.metadata.name}}{{end}}' },
  { command: `describe ${deployment}` },
  { command: 'diff -f -', input: nginx('nginx:1.9.1') },
  { command: 'apply -f -', input: nginx('nginx:1.9.1') },
  { command: 'apply -f -', input: nginx('nginx:1.9.1') },
  { command: 'diff -f -', input: nginx('nginx:1.9.1') },
  { command: `edit ${deployment}`, env: { KUBE_EDITOR: 'sed -i s/nginx:1.9.1/nginx:1.9.2/' } },
  { command: `edit ${deployment}`, env: { KUBE_EDITOR: 'true' } },
  { command: `label ${deployment} tier=front` },
  { command: `label ${deployment} tier=back` },
  { command: `label ${deployment} tier=back --overwrite` },
  { command: `label ${deployment} tier-` },
  { command: `annotate ${deployment} note=hello` },
  { command: `annotate ${deployment} note-` },
  { args: ['patch', 'deployment', 'nginx-deployment', '--type=merge', '-p', '{"spec":{"replicas":4}}'] },
  {
    args: [
      'patch',
      'deployment',
      'nginx-deployment',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/spec/replicas","value":5}]',
    ],
  },
  {
    args: [
      'patch',
      'deployment',
      'nginx-deployment',
      '-p',
      '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx:1.10"}]}}}}',
    ],
  },
  {
    args: [
      'patch',
      'deployment',
      'nginx-deployment',
      '--type=json',
      '-p',
      '[{"op":"test","path":"/spec/replicas","value":1}]',
    ],
  },
  { command: `scale ${deployment} --replicas=2` },
  { command: `scale ${deployment} --replicas=7 --current-replicas=3` },
  { command: `set image deployment/nginx-deployment nginx=nginx:1.11` },
  { command: 'set env deployment/nginx-deployment A=b' },
  { command: 'set resources deployment/nginx-deployment --limits=cpu=200m,memory=512Mi' },
  { command: 'rollout pause deployment/nginx-deployment' },
  { command: 'rollout resume deployment/nginx-deployment' },
  { command: 'rollout restart deployment/nginx-deployment' },
  { command: 'replace -f -', input: nginx('nginx:1.12', 1) },
  { command: 'apply --dry-run=server -f -', input: nginx('nginx:1.13', 1) },
  { command: `wait ${deployment} --for=jsonpath={.spec.replicas}=1 --timeout=5s` },
  { command: `wait ${deployment} --for=condition=Available --timeout=1s` },
  { command: `get deployment nginx-deployment -w`, timeoutMs: 2000 },
  { command: 'apply -f -', input: POD },
  { command: 'get pods' },
  { command: 'get pods -o wide' },
  { command: 'describe pod web' },
  { command: 'get pod web -o yaml' },
  { command: 'apply -f -', input: POD.replace('nginx:1.7.9', 'nginx:1.8') },
  { command: 'apply -f -', input: POD.replace('emptyDir: {}', 'hostPath: {path: /x}') },
  { command: 'get pods --field-selector=spec.nodeName=' },
  { command: 'get pods --field-selector=spec.nope=x' },
  { command: 'get pods -l app=web' },
  { args: ['get', 'pods', '-l', 'app in (web'] },
  { command: 'create configmap made --from-literal=a=b --from-literal=c=d' },
  { command: 'create configmap made --from-literal=a=b' },
  { command: 'create secret generic hidden --from-literal=password=x' },
  {
    command: 'create secret docker-registry registry --docker-server=r.example --docker-username=u --docker-password=p',
  },
  { command: 'create serviceaccount robot' },
  { command: 'create deployment made --image=nginx --replicas=2 --port=80' },
  { command: 'create job made --image=busybox' },
  { args: ['create', 'cronjob', 'made', '--image=busybox', '--schedule=*/5 * * * *'] },
  { command: 'create service clusterip made --tcp=80:8080' },
  { command: 'create service nodeport ports --tcp=80' },
  { command: 'create service externalname outside --external-name=example.com' },
  { command: 'create service loadbalancer balanced --tcp=80' },
  { command: 'create ingress made --rule=example.com/*=made:80' },
  { command: 'create role made --verb=get,list --resource=pods' },
  { command: 'create rolebinding made --role=made --user=jane' },
  { command: 'create clusterrole compare-made --verb=get --resource=nodes' },
  { command: 'create clusterrolebinding compare-made --clusterrole=compare-made --user=jane' },
  { command: 'create quota made --hard=pods=10' },
  { command: 'create poddisruptionbudget made --selector=app=nginx --min-available=1' },
  { command: 'create priorityclass compare-made --value=1000' },
  { command: 'create namespace compare-made' },
  { command: 'run runner --image=nginx --labels=run=runner' },
  { command: 'expose deployment made --port=80' },
  { command: 'expose deployment made --port=80 --name=exposed' },
  { command: 'autoscale deployment made --max=3' },
  { command: 'get configmaps,secrets,serviceaccounts,services,ingresses' },
  { command: 'get roles,rolebindings,quota,pdb,jobs,cronjobs,hpa' },
  { command: 'get clusterrole compare-made -o wide' },
  { command: 'get clusterrolebinding compare-made -o wide' },
  { command: 'get priorityclasses' },
  { command: 'get namespaces' },
  { command: 'get services -o wide' },
  { command: 'get all' },
  { command: 'describe service made' },
  { command: 'describe configmap made' },
  { command: 'describe secret hidden' },
  { command: 'describe serviceaccount robot' },
  { command: 'describe quota made' },
  { command: 'describe role made' },
  { command: 'describe namespace compare' },
  { command: 'get pods -A' },
  { command: 'get configmaps --sort-by=.metadata.name --show-kind' },
  { command: 'get configmaps,secrets -o jsonpath={.items[*].metadata.name}' },
  { command: 'get configmap made -o jsonpath-as-json={.data}' },
  { command: 'get configmap made -o yaml --show-managed-fields=false' },
  { command: 'get job made -o yaml' },
  { command: 'get cronjob made -o yaml' },
  { command: 'get ingress made -o yaml' },
  { command: 'get service made -o yaml' },
  { command: 'get service made -o json' },
  { command: 'describe deployment made' },
  { command: 'describe job made' },
  { command: 'describe cronjob made' },
  { command: 'describe ingress made' },
  { command: 'describe pdb made' },
  { command: 'describe hpa made' },
  { command: 'rollout history deployment/nginx-deployment' },
  { command: 'rollout status deployment/nginx-deployment --watch=false' },
  { command: 'set serviceaccount deployment nginx-deployment robot' },
  { command: 'set selector service made app=other' },
  { command: 'set subject rolebinding made --user=joe' },
  {
    args: ['patch', 'deployment', 'made', '--subresource=status', '--type=merge', '-p', '{"status":{"replicas":2}}'],
  },
  { command: 'get deployment made --subresource=scale -o yaml' },
  { command: 'label configmaps --all all=yes' },
  { command: 'annotate configmap made --list' },
  { command: 'wait pod runner --for=delete --timeout=1s' },
  { command: 'create -f -', input: '{"apiVersion":"v1","kind":"Node","metadata":{"name":"compare-node"}}' },
  { command: 'taint node compare-node a=b:NoSchedule' },
  { command: 'cordon compare-node' },
  { command: 'get node compare-node' },
  { command: 'get node compare-node -o wide' },
  { command: 'describe node compare-node' },
  { command: 'uncordon compare-node' },
  { command: 'delete node compare-node' },
  // Upstream lists the scheduler and the controller manager of its own host too.
  { command: 'get componentstatuses etcd-0' },
  { command: 'get events' },
  { command: 'version -o yaml' },
  { command: 'get configmaps --chunk-size=1' },
  { command: 'get configmaps --chunk-size=1 -o name' },
  { command: 'get configmap nope' },
  { command: 'get nope' },
  { command: 'get --raw /api/v1/namespaces/compare/configmaps/made' },
  { command: 'get --raw /nope' },
  { command: 'get --raw /version' },
  { command: 'auth whoami' },
  { command: 'auth whoami -o yaml' },
  { command: 'api-versions' },
  { command: 'api-resources' },
  { command: 'api-resources -o wide --namespaced=true' },
  { command: 'explain deployment' },
  { command: 'explain deployment.spec.strategy' },
  { command: 'explain pod.spec.containers.ports' },
  { command: 'explain configmap --recursive' },
  { command: 'explain ingress.spec' },
  { command: 'explain service.nope' },
  { command: 'explain pod.spec.containers.resources.limits' },
  { command: 'explain cronjob.spec --recursive' },
  { command: 'explain hpa.spec.metrics' },
  { command: 'apply -f -', input: OWNED },
  { command: 'apply -f -', input: LIST },
  { command: 'apply -f -', input: LIST.replace('data:', 'dat:') },
  { command: 'replace --force -f -', input: OWNED },
  { command: 'delete configmap plain --dry-run=server' },
  { command: 'delete configmap plain' },
  { command: 'delete configmap plain' },
  { command: 'delete configmap plain --ignore-not-found' },
  { command: 'create -f -', input: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"Bad_Name"}}' },
  { command: 'create -f -', input: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"dat":{"a":"b"}}' },
  { command: 'create -f -', input: '{"apiVersion":"v1","kind":"Nope","metadata":{"name":"x"}}' },
  {
    command: 'create -f - --validate=ignore',
    input: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"dat":{"a":"b"}}',
  },
  {
    command: 'create -f - --dry-run=server -o yaml',
    input: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"x-"}}',
  },
  { command: `delete ${deployment} --cascade=orphan --wait=false` },
  { command: `get ${deployment} -o jsonpath={.metadata.finalizers}` },
  { command: 'delete cronjob made --cascade=background' },
  { command: 'delete job made --cascade=foreground --wait=false' },
  { command: 'get job made -o jsonpath={.metadata.finalizers}' },
  { command: 'delete deployment made' },
  { command: 'delete pod web --now' },
  { command: 'delete pod runner --force' },
  { command: 'delete service made ports outside balanced exposed' },
  { command: 'delete clusterrole,clusterrolebinding,priorityclass compare-made' },
  { command: 'delete configmaps --all' },
  { command: 'delete secrets -l nothing=here' },
  { command: 'delete namespace compare-made --wait=false' },
  { command: 'get namespace compare-made' },
  { command: 'cluster-info' },
]
