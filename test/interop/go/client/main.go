// What programs on client-go do: discovery, typed and dynamic clients, server-side apply, informers, watches, leader election,
// eviction and scale; first in JSON, then in protobuf. Prints a line a step, the same on every conformant server.
// Usage: client KUBECONFIG.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/go-logr/logr"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	appsapply "k8s.io/client-go/applyconfigurations/apps/v1"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/util/retry"
	"k8s.io/klog/v2"

	"keelson.dev/interop/cluster"
)

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	check(err)
	// It logs times and process ids.
	klog.SetLogger(logr.Discard())
	config.QPS, config.Burst = 200, 400
	for _, contentType := range []string{"application/json", "application/vnd.kubernetes.protobuf"} {
		of := rest.CopyConfig(config)
		of.ContentType = contentType
		if contentType != "application/json" {
			of.AcceptContentTypes = contentType + ",application/json"
		}
		run(of, contentType[strings.LastIndexAny(contentType, "./")+1:])
	}
}

func run(config *rest.Config, name string) {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	client := kubernetes.NewForConfigOrDie(config)
	namespace := "client-go-" + name
	_, err := client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{})
	check(err)
	_, err = client.CoreV1().ServiceAccounts(namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}, metav1.CreateOptions{})
	check(err)
	say := func(format string, arguments ...any) { fmt.Printf(name+" "+format+"\n", arguments...) }

	discover(client.Discovery(), say)
	events := follow(ctx, client, namespace)
	deployments(ctx, client, namespace, say)
	pods(ctx, client, namespace, say)
	untyped(ctx, config, namespace, say)
	say("leader election: %s", elect(ctx, client, namespace))
	watches(ctx, client, namespace, say)
	say("informer: %s", strings.Join(events(), ", "))
	check(client.CoreV1().ConfigMaps(namespace).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}))
	left, err := client.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{})
	check(err)
	say("after deletecollection: %d configmaps", len(left.Items))
}

func discover(client discovery.DiscoveryInterface, say func(string, ...any)) {
	_, lists, err := client.ServerGroupsAndResources()
	check(err)
	count := 0
	for _, list := range lists {
		count += len(list.APIResources)
	}
	version, err := client.ServerVersion()
	check(err)
	schema, err := client.OpenAPISchema()
	check(err)
	say("discovery: %d group versions, %d resources, minor %s, swagger %s", len(lists), count, version.Minor, schema.Swagger)
}

// follow starts an informer and returns a function that waits for the deletion of configmap `last` and tells what was seen.
func follow(ctx context.Context, client kubernetes.Interface, namespace string) func() []string {
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	seen := make(chan string, 1000)
	name := func(object any) string {
		key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object)
		check(err)
		return strings.TrimPrefix(key, namespace+"/")
	}
	_, err := factory.Core().V1().ConfigMaps().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { seen <- "add " + name(object) },
		UpdateFunc: func(_, object any) { seen <- "update " + name(object) },
		DeleteFunc: func(object any) { seen <- "delete " + name(object) },
	})
	check(err)
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	return func() (events []string) {
		for {
			select {
			case event := <-seen:
				events = append(events, event)
				if event == "delete last" {
					return events
				}
			case <-ctx.Done():
				return append(events, "no deletion of configmap last")
			}
		}
	}
}

func deployments(ctx context.Context, client kubernetes.Interface, namespace string, say func(string, ...any)) {
	api := client.AppsV1().Deployments(namespace)
	labels := map[string]string{"app": "web"}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
			},
		},
	}
	created, err := api.Create(ctx, deployment, metav1.CreateOptions{FieldManager: "creator"})
	check(err)
	say("created: %s", shape(created.Spec))
	_, err = api.Create(ctx, deployment, metav1.CreateOptions{})
	say("again: exists %v, %v", apierrors.IsAlreadyExists(err), err)
	created.Spec.Selector.MatchLabels["app"] = "other"
	_, err = api.Update(ctx, created, metav1.UpdateOptions{})
	say("immutable: %v", err)
	check(retry.RetryOnConflict(retry.DefaultRetry, func() error {
		current, err := api.Get(ctx, "web", metav1.GetOptions{})
		check(err)
		current.Spec.Template.Spec.Containers[0].Image = "nginx:2"
		_, err = api.Update(ctx, current, metav1.UpdateOptions{FieldManager: "updater"})
		return err
	}))
	stale := created.DeepCopy()
	stale.Spec.Selector.MatchLabels["app"] = "web"
	_, err = api.Update(ctx, stale, metav1.UpdateOptions{})
	say("stale: conflict %v", apierrors.IsConflict(err))
	patched, err := api.Patch(ctx, "web", types.StrategicMergePatchType, []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"log","image":"log"}]}}}}`), metav1.PatchOptions{})
	check(err)
	say("strategic: %s, generation %d", shape(patched.Spec.Template.Spec.Containers), patched.Generation)
	scale, err := api.GetScale(ctx, "web", metav1.GetOptions{})
	check(err)
	scale.Spec = autoscalingv1.ScaleSpec{Replicas: 4}
	scale, err = api.UpdateScale(ctx, "web", scale, metav1.UpdateOptions{})
	check(err)
	say("scale: %d, selector %s", scale.Spec.Replicas, scale.Status.Selector)
	apply := appsapply.Deployment("web", namespace).WithSpec(appsapply.DeploymentSpec().WithReplicas(7))
	_, err = api.Apply(ctx, apply, metav1.ApplyOptions{FieldManager: "applier"})
	say("apply: conflict %v, %v", apierrors.IsConflict(err), err)
	applied, err := api.Apply(ctx, apply, metav1.ApplyOptions{FieldManager: "applier", Force: true})
	check(err)
	say("forced: replicas %d, owners %s", *applied.Spec.Replicas, managers(applied.ManagedFields))
	extracted, err := appsapply.ExtractDeployment(applied, "applier")
	check(err)
	say("extracted: %s", shape(extracted.Spec))
	applied.Status.Replicas = 7
	applied.Status.ObservedGeneration = applied.Generation
	updated, err := api.UpdateStatus(ctx, applied, metav1.UpdateOptions{})
	check(err)
	say("status: %d", updated.Status.Replicas)
	policy := metav1.DeletePropagationForeground
	check(api.Delete(ctx, "web", metav1.DeleteOptions{PropagationPolicy: &policy, Preconditions: metav1.NewUIDPreconditions(string(updated.UID))}))
}

func pods(ctx context.Context, client kubernetes.Interface, namespace string, say func(string, ...any)) {
	api := client.CoreV1().Pods(namespace)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "pod-", Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{NodeName: "node-1", Containers: []corev1.Container{{Name: "main", Image: "main"}}},
	}
	created, err := api.Create(ctx, pod, metav1.CreateOptions{})
	check(err)
	say("pod: %d characters, service account %s, %d tolerations", len(created.Name), created.Spec.ServiceAccountName, len(created.Spec.Tolerations))
	created.Status.Phase = corev1.PodRunning
	created.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	_, err = api.UpdateStatus(ctx, created, metav1.UpdateOptions{})
	check(err)
	found, err := api.List(ctx, metav1.ListOptions{FieldSelector: "spec.nodeName=node-1,status.phase=Running", LabelSelector: "app in (web)"})
	check(err)
	say("selected: %d", len(found.Items))
	budget := &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec:       policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}},
	}
	_, err = client.PolicyV1().PodDisruptionBudgets(namespace).Create(ctx, budget, metav1.CreateOptions{})
	check(err)
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: created.Name}}
	// The server says Retry-After: 10, and client-go would obey ten times.
	err = client.CoreV1().RESTClient().Post().MaxRetries(0).Namespace(namespace).Resource("pods").Name(created.Name).SubResource("eviction").Body(eviction).Do(ctx).Error()
	say("eviction: too many requests %v", apierrors.IsTooManyRequests(err))
	check(client.PolicyV1().PodDisruptionBudgets(namespace).Delete(ctx, "web", metav1.DeleteOptions{}))
	check(api.EvictV1(ctx, eviction))
	evicted, err := api.Get(ctx, created.Name, metav1.GetOptions{})
	check(err)
	say("evicted: grace %d, conditions %d", *evicted.DeletionGracePeriodSeconds, len(evicted.Status.Conditions))
	zero := int64(0)
	check(api.Delete(ctx, created.Name, metav1.DeleteOptions{GracePeriodSeconds: &zero}))
	_, err = api.Get(ctx, created.Name, metav1.GetOptions{})
	say("gone: %v", apierrors.IsNotFound(err))
}

// untyped uses the dynamic and the metadata client.
func untyped(ctx context.Context, config *rest.Config, namespace string, say func(string, ...any)) {
	services := schema.GroupVersionResource{Version: "v1", Resource: "services"}
	client := dynamic.NewForConfigOrDie(config).Resource(services).Namespace(namespace)
	service := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Service", "metadata": map[string]any{"name": "web"},
		"spec": map[string]any{"ports": []any{map[string]any{"port": int64(80)}}},
	}}
	created, err := client.Create(ctx, service, metav1.CreateOptions{})
	check(err)
	say("service: %s", cluster.Shape(created.Object["spec"]))
	applied, err := client.Apply(ctx, "web", service, metav1.ApplyOptions{FieldManager: "dynamic", Force: true})
	check(err)
	say("owners: %s", managers(applied.GetManagedFields()))
	list, err := metadata.NewForConfigOrDie(metadata.ConfigFor(config)).Resource(services).Namespace(namespace).List(ctx, metav1.ListOptions{})
	check(err)
	say("metadata: %d of %s", len(list.Items), list.Items[0].Kind)
	check(client.Delete(ctx, "web", metav1.DeleteOptions{}))
}

// elect returns the identity that leads.
func elect(ctx context.Context, client kubernetes.Interface, namespace string) (leader string) {
	elected, stop := context.WithCancel(ctx)
	defer stop()
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: namespace, Name: "lock"},
		Client:     client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: "one"},
	}
	leaderelection.RunOrDie(elected, leaderelection.LeaderElectionConfig{
		Lock: lock, LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 200 * time.Millisecond, ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { stop() }, OnStoppedLeading: func() {}, OnNewLeader: func(identity string) { leader = identity }},
	})
	return leader
}

// watches follows configmaps from a list, with bookmarks, through an apply, an update and a deletion.
func watches(ctx context.Context, client kubernetes.Interface, namespace string, say func(string, ...any)) {
	api := client.CoreV1().ConfigMaps(namespace)
	list, err := api.List(ctx, metav1.ListOptions{})
	check(err)
	watcher, err := api.Watch(ctx, metav1.ListOptions{ResourceVersion: list.ResourceVersion, AllowWatchBookmarks: true})
	check(err)
	defer watcher.Stop()
	_, err = api.Apply(ctx, coreapply.ConfigMap("last", namespace).WithData(map[string]string{"a": "1"}).WithLabels(map[string]string{"x": "y"}), metav1.ApplyOptions{FieldManager: "one"})
	check(err)
	_, err = api.Apply(ctx, coreapply.ConfigMap("last", namespace).WithData(map[string]string{"b": "2"}).WithOwnerReferences(metaapply.OwnerReference().WithAPIVersion("v1").WithKind("ConfigMap").WithName("x").WithUID("u")), metav1.ApplyOptions{FieldManager: "two"})
	check(err)
	check(api.Delete(ctx, "last", metav1.DeleteOptions{}))
	var seen []string
	for event := range watcher.ResultChan() {
		object, ok := event.Object.(*corev1.ConfigMap)
		if !ok {
			check(errors.New("a watch gave something else"))
		}
		seen = append(seen, fmt.Sprintf("%s %s %v", event.Type, object.Name, object.Data))
		if event.Type == watch.Deleted {
			break
		}
	}
	say("watch: %s", strings.Join(seen, ", "))
}

func managers(entries []metav1.ManagedFieldsEntry) string {
	var texts []string
	for _, each := range entries {
		texts = append(texts, fmt.Sprintf("%s %s %s %s", each.Manager, each.Operation, each.Subresource, each.FieldsV1))
	}
	sort.Strings(texts)
	return strings.Join(texts, "; ")
}

func shape(value any) string {
	text, err := cluster.JSON(value)
	check(err)
	return text
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
