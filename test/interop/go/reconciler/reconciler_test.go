// Package reconciler is a controller as people write them, tested as they test them: envtest starts etcd and what stands in
// the place of kube-apiserver from KUBEBUILDER_ASSETS.
package reconciler

import (
	"context"
	"os"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const finalizer = "example.com/clean"

// websites makes a Deployment of every ConfigMap that is labelled `website`, and keeps count in an annotation.
type websites struct{ client.Client }

func (r websites) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var site corev1.ConfigMap
	if err := r.Get(ctx, request.NamespacedName, &site); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if site.Labels["website"] == "" {
		return ctrl.Result{}, nil
	}
	if !site.DeletionTimestamp.IsZero() {
		deployment := appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: site.Name, Namespace: site.Namespace}}
		if err := r.Delete(ctx, &deployment); client.IgnoreNotFound(err) != nil {
			return ctrl.Result{}, err
		}
		controllerutil.RemoveFinalizer(&site, finalizer)
		return ctrl.Result{}, r.Update(ctx, &site)
	}
	if controllerutil.AddFinalizer(&site, finalizer) {
		if err := r.Update(ctx, &site); err != nil {
			return ctrl.Result{}, err
		}
	}
	deployment := appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: site.Name, Namespace: site.Namespace}}
	result, err := controllerutil.CreateOrUpdate(ctx, r.Client, &deployment, func() error {
		labels := map[string]string{"site": site.Name}
		deployment.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels}
		deployment.Spec.Template.Labels = labels
		if len(deployment.Spec.Template.Spec.Containers) == 0 {
			deployment.Spec.Template.Spec.Containers = []corev1.Container{{Name: "web"}}
		}
		deployment.Spec.Template.Spec.Containers[0].Image = site.Data["image"]
		return controllerutil.SetControllerReference(&site, &deployment, r.Scheme())
	})
	if err != nil || result == controllerutil.OperationResultNone {
		return ctrl.Result{}, err
	}
	before := site.DeepCopy()
	if site.Annotations == nil {
		site.Annotations = map[string]string{}
	}
	site.Annotations["deployed"] = site.Data["image"]
	return ctrl.Result{}, r.Patch(ctx, &site, client.MergeFrom(before))
}

func TestWebsites(t *testing.T) {
	log.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	environment := &envtest.Environment{}
	config, err := environment.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := environment.Stop(); err != nil {
			t.Error(err)
		}
	}()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Metrics:                 metricsserver.Options{BindAddress: "0"},
		LeaderElection:          true,
		LeaderElectionID:        "websites.example.com",
		LeaderElectionNamespace: "default",
	})
	must(t, err)
	must(t, ctrl.NewControllerManagedBy(manager).For(&corev1.ConfigMap{}).Owns(&appsv1.Deployment{}).Complete(websites{manager.GetClient()}))
	go func() {
		if err := manager.Start(ctx); err != nil {
			t.Error(err)
		}
	}()
	api, err := client.New(config, client.Options{})
	must(t, err)

	site := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "site", Namespace: "default", Labels: map[string]string{"website": "yes"}},
		Data:       map[string]string{"image": "one"},
	}
	must(t, api.Create(ctx, site))
	key := client.ObjectKeyFromObject(site)
	eventually(t, ctx, "the deployment is made", func() bool {
		var deployment appsv1.Deployment
		return api.Get(ctx, key, &deployment) == nil && metav1.IsControlledBy(&deployment, site)
	})
	eventually(t, ctx, "the site is annotated", func() bool {
		return api.Get(ctx, key, site) == nil && site.Annotations["deployed"] == "one"
	})
	site.Data["image"] = "two"
	must(t, api.Update(ctx, site))
	eventually(t, ctx, "a change reaches the deployment", func() bool {
		var deployment appsv1.Deployment
		return api.Get(ctx, key, &deployment) == nil && deployment.Spec.Template.Spec.Containers[0].Image == "two"
	})
	must(t, api.Delete(ctx, &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "site", Namespace: "default"}}))
	eventually(t, ctx, "a deleted deployment is made again", func() bool {
		var deployment appsv1.Deployment
		return api.Get(ctx, key, &deployment) == nil && deployment.DeletionTimestamp.IsZero()
	})
	must(t, api.Delete(ctx, site))
	eventually(t, ctx, "nothing is left of a deleted site", func() bool {
		return apierrors.IsNotFound(api.Get(ctx, key, &corev1.ConfigMap{})) && apierrors.IsNotFound(api.Get(ctx, key, &appsv1.Deployment{}))
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, ctx context.Context, what string, holds func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 20*time.Second, true, func(context.Context) (bool, error) { return holds(), nil })
	if err != nil {
		t.Fatalf("not within 20 s: %s", what)
	}
	t.Log(what)
}
