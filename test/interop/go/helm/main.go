// Installs, upgrades, rolls back and uninstalls the charts of a folder with Helm's own packages, and prints what a person
// sees after each step: revision, status, hooks that ran, objects with their generation. Usage: helm KUBECONFIG CHARTS.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"

	"keelson.dev/interop/cluster"
)

const timeout = time.Minute

func main() {
	// It logs times and addresses.
	klog.SetLogger(logr.Discard())
	kubeconfig, charts := os.Args[1], os.Args[2]
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	check(err)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	check(cluster.PlayControllers(ctx, config))
	folders, err := filepath.Glob(filepath.Join(charts, "*", "Chart.yaml"))
	check(err)
	sort.Strings(folders)
	for _, file := range folders {
		live(ctx, kubeconfig, filepath.Dir(file))
	}
}

// live takes one chart through all that Helm does to a release.
func live(ctx context.Context, kubeconfig, folder string) {
	name := filepath.Base(folder)
	namespace := "helm-" + name
	settings := cli.New()
	settings.KubeConfig = kubeconfig
	settings.SetNamespace(namespace)
	config := new(action.Configuration)
	check(config.Init(settings.RESTClientGetter(), namespace, "secret", func(string, ...any) {}))
	chart, err := loader.Load(folder)
	check(err)

	install := action.NewInstall(config)
	install.ReleaseName, install.Namespace, install.CreateNamespace = name, namespace, true
	install.Wait, install.WaitForJobs, install.Timeout = true, true, timeout
	installed, err := install.RunWithContext(ctx, chart, map[string]any{})
	check(err)
	show("install", config, installed)

	upgrade := action.NewUpgrade(config)
	upgrade.Namespace, upgrade.Wait, upgrade.WaitForJobs, upgrade.Timeout = namespace, true, true, timeout
	upgraded, err := upgrade.RunWithContext(ctx, name, chart, map[string]any{"tag": "2.0", "replicas": 3, "extra": true})
	check(err)
	show("upgrade", config, upgraded)

	_, err = upgrade.RunWithContext(ctx, name, chart, map[string]any{"replicas": -1})
	fmt.Printf("%s upgrade to an invalid value: %s\n", name, firstLine(err))

	test := action.NewReleaseTesting(config)
	test.Namespace, test.Timeout = namespace, timeout
	tested, err := test.Run(name)
	check(err)
	show("test", config, tested)

	rollback := action.NewRollback(config)
	rollback.Version, rollback.Wait, rollback.WaitForJobs, rollback.Timeout = 1, true, true, timeout
	check(rollback.Run(name))
	current, err := action.NewGet(config).Run(name)
	check(err)
	show("rollback", config, current)

	history, err := action.NewHistory(config).Run(name)
	check(err)
	sort.Slice(history, func(a, b int) bool { return history[a].Version < history[b].Version })
	for _, each := range history {
		fmt.Printf("%s history: %d %s %s\n", name, each.Version, each.Info.Status, each.Info.Description)
	}

	uninstall := action.NewUninstall(config)
	uninstall.Wait, uninstall.Timeout, uninstall.DeletionPropagation = true, timeout, "background"
	gone, err := uninstall.Run(name)
	check(err)
	show("uninstall", config, gone.Release)
}

// show prints the release, its hooks and the objects of its manifest as the server has them now.
func show(step string, config *action.Configuration, of *release.Release) {
	fmt.Printf("%s %s: revision %d, %s, %s\n", of.Name, step, of.Version, of.Info.Status, of.Info.Description)
	for _, hook := range of.Hooks {
		fmt.Printf("  hook %s %v: %s\n", hook.Path, hook.Events, hook.LastRun.Phase)
	}
	resources, err := config.KubeClient.Build(strings.NewReader(of.Manifest), false)
	check(err)
	var lines []string
	check(resources.Visit(func(info *resource.Info, err error) error {
		if err != nil {
			return err
		}
		lines = append(lines, describe(info))
		return nil
	}))
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

func describe(info *resource.Info) string {
	name := fmt.Sprintf("  %s %s", info.Mapping.GroupVersionKind.Kind, info.Name)
	if err := info.Get(); err != nil {
		return name + ": " + firstLine(err)
	}
	object, err := meta.Accessor(info.Object)
	check(err)
	generation, labels := object.GetGeneration(), len(object.GetLabels())
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(info.Object)
	check(err)
	delete(fields, "metadata")
	return fmt.Sprintf("%s: generation %d, labels %d, %s", name, generation, labels, cluster.Shape(fields))
}

func firstLine(err error) string {
	if err == nil {
		return "no error"
	}
	return strings.SplitN(err.Error(), "\n", 2)[0]
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
