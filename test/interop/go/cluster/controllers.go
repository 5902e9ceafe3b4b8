// Package cluster plays what a cluster does around an API server: objects become ready as controllers and kubelets would make them.
package cluster

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// PlayControllers returns when all informers have their first list; it ends with the context.
func PlayControllers(ctx context.Context, config *rest.Config) error {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	play := player{ctx, client}
	on := func(informer cache.SharedIndexInformer) error {
		_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    play.settle,
			UpdateFunc: func(_, object any) { play.settle(object) },
		})
		return err
	}
	for _, informer := range []cache.SharedIndexInformer{
		factory.Core().V1().Namespaces().Informer(),
		factory.Core().V1().Pods().Informer(),
		factory.Core().V1().PersistentVolumeClaims().Informer(),
		factory.Core().V1().PersistentVolumes().Informer(),
		factory.Batch().V1().Jobs().Informer(),
		factory.Apps().V1().Deployments().Informer(),
		factory.Apps().V1().StatefulSets().Informer(),
		factory.Apps().V1().DaemonSets().Informer(),
		factory.Apps().V1().ReplicaSets().Informer(),
	} {
		if err := on(informer); err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("the informer of %v has no list", kind)
		}
	}
	return nil
}

type player struct {
	ctx    context.Context
	client kubernetes.Interface
}

// free takes the finalizers away that protect what is in use.
var free = []byte(`{"metadata":{"finalizers":null}}`)

// settle writes the status that the object comes to in a cluster where everything works. Conflicts are left to the next event.
func (p player) settle(object any) {
	now := metav1.NewTime(time.Now())
	switch each := object.(type) {
	case *corev1.Namespace:
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
		_, _ = p.client.CoreV1().ServiceAccounts(each.Name).Create(p.ctx, account, metav1.CreateOptions{})
	case *corev1.Pod:
		p.settlePod(each.DeepCopy())
	case *corev1.PersistentVolumeClaim:
		if each.DeletionTimestamp != nil {
			_, _ = p.client.CoreV1().PersistentVolumeClaims(each.Namespace).Patch(p.ctx, each.Name, types.MergePatchType, free, metav1.PatchOptions{})
		} else if claim := each.DeepCopy(); claim.Status.Phase != corev1.ClaimBound {
			claim.Status = corev1.PersistentVolumeClaimStatus{Phase: corev1.ClaimBound, AccessModes: claim.Spec.AccessModes, Capacity: claim.Spec.Resources.Requests}
			_, _ = p.client.CoreV1().PersistentVolumeClaims(claim.Namespace).UpdateStatus(p.ctx, claim, metav1.UpdateOptions{})
		}
	case *corev1.PersistentVolume:
		if each.DeletionTimestamp != nil {
			_, _ = p.client.CoreV1().PersistentVolumes().Patch(p.ctx, each.Name, types.MergePatchType, free, metav1.PatchOptions{})
		}
	case *batchv1.Job:
		if job := each.DeepCopy(); job.Status.CompletionTime == nil {
			job.Status = batchv1.JobStatus{
				StartTime: &now, CompletionTime: &now, Succeeded: 1, UncountedTerminatedPods: &batchv1.UncountedTerminatedPods{},
				Conditions: []batchv1.JobCondition{
					{Type: batchv1.JobSuccessCriteriaMet, Status: corev1.ConditionTrue, LastTransitionTime: now},
					{Type: batchv1.JobComplete, Status: corev1.ConditionTrue, LastTransitionTime: now},
				},
			}
			_, _ = p.client.BatchV1().Jobs(job.Namespace).UpdateStatus(p.ctx, job, metav1.UpdateOptions{})
		}
	case *appsv1.Deployment:
		p.settleDeployment(each.DeepCopy(), now)
	case *appsv1.StatefulSet:
		if set := each.DeepCopy(); set.Status.ObservedGeneration != set.Generation {
			replicas := *set.Spec.Replicas
			set.Status = appsv1.StatefulSetStatus{
				ObservedGeneration: set.Generation, Replicas: replicas, ReadyReplicas: replicas, CurrentReplicas: replicas,
				UpdatedReplicas: replicas, AvailableReplicas: replicas, CurrentRevision: "one", UpdateRevision: "one",
			}
			_, _ = p.client.AppsV1().StatefulSets(set.Namespace).UpdateStatus(p.ctx, set, metav1.UpdateOptions{})
		}
	case *appsv1.DaemonSet:
		if set := each.DeepCopy(); set.Status.ObservedGeneration != set.Generation {
			set.Status = appsv1.DaemonSetStatus{
				ObservedGeneration: set.Generation, DesiredNumberScheduled: 2, CurrentNumberScheduled: 2,
				UpdatedNumberScheduled: 2, NumberReady: 2, NumberAvailable: 2,
			}
			_, _ = p.client.AppsV1().DaemonSets(set.Namespace).UpdateStatus(p.ctx, set, metav1.UpdateOptions{})
		}
	case *appsv1.ReplicaSet:
		if set := each.DeepCopy(); set.Status.ObservedGeneration != set.Generation {
			replicas := *set.Spec.Replicas
			set.Status = appsv1.ReplicaSetStatus{
				ObservedGeneration: set.Generation, Replicas: replicas, FullyLabeledReplicas: replicas, ReadyReplicas: replicas, AvailableReplicas: replicas,
			}
			_, _ = p.client.AppsV1().ReplicaSets(set.Namespace).UpdateStatus(p.ctx, set, metav1.UpdateOptions{})
		}
	}
}

// settlePod runs a pod: to its end when it is not to be started again, and away when it is deleted.
func (p player) settlePod(pod *corev1.Pod) {
	if pod.DeletionTimestamp != nil {
		zero := int64(0)
		_ = p.client.CoreV1().Pods(pod.Namespace).Delete(p.ctx, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &zero})
		return
	}
	wanted := corev1.PodRunning
	if pod.Spec.RestartPolicy == corev1.RestartPolicyNever {
		wanted = corev1.PodSucceeded
	}
	if pod.Status.Phase == wanted {
		return
	}
	pod.Status.Phase = wanted
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}
	_, _ = p.client.CoreV1().Pods(pod.Namespace).UpdateStatus(p.ctx, pod, metav1.UpdateOptions{})
}

// settleDeployment makes the ReplicaSet that Helm looks for, and the status.
func (p player) settleDeployment(deployment *appsv1.Deployment, now metav1.Time) {
	if deployment.DeletionTimestamp != nil || deployment.Status.ObservedGeneration == deployment.Generation {
		return
	}
	replicas := *deployment.Spec.Replicas
	set := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Name:            fmt.Sprintf("%s-%d", deployment.Name, deployment.Generation),
			Labels:          deployment.Spec.Template.Labels,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(deployment, appsv1.SchemeGroupVersion.WithKind("Deployment"))},
		},
		Spec: appsv1.ReplicaSetSpec{Replicas: &replicas, Selector: deployment.Spec.Selector, Template: deployment.Spec.Template},
	}
	_, _ = p.client.AppsV1().ReplicaSets(deployment.Namespace).Create(p.ctx, set, metav1.CreateOptions{})
	deployment.Status = appsv1.DeploymentStatus{
		ObservedGeneration: deployment.Generation, Replicas: replicas, UpdatedReplicas: replicas, ReadyReplicas: replicas, AvailableReplicas: replicas,
		Conditions: []appsv1.DeploymentCondition{{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, LastUpdateTime: now, LastTransitionTime: now}},
	}
	_, _ = p.client.AppsV1().Deployments(deployment.Namespace).UpdateStatus(p.ctx, deployment, metav1.UpdateOptions{})
}
